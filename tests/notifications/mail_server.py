"""A real SMTP server for tests that answers as it is told."""

from __future__ import annotations

import asyncio
import email
import ssl
import warnings
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Received:
    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, _class=EmailMessage, policy=default)


@dataclass
class MailServer:
    """`replies` and `content_replies` give, by recipient, the answers to RCPT and to the content, in turn."""

    port: int = 0
    host: str = "127.0.0.1"
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    content_replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sender_reply: str | None = None
    answers_after: float = 0.0
    drops_after_content: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    password: str | None = None
    _servers: list[SMTP] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def texts_to(self, address: str) -> list[str]:
        """The plain-text parts, with the line ends that people type."""
        parts = (message.get_body(("plain",)) for message in self.sent_to(address))
        return [part.get_content().replace("\r\n", "\n") for part in parts if part is not None]

    def sent_to(self, address: str) -> list[EmailMessage]:
        return [each.message for each in self.received if each.to == address]

    def drop_connections(self) -> None:
        """As a server does to clients that have been quiet for long."""
        for each in self._servers:
            if each.transport is not None:
                each.transport.close()
        self._servers.clear()

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        self._servers.append(server)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.sender_reply:
            return self.sender_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.replies[address]:
            reply = self.replies[address].pop(0)
            if not reply.startswith("2"):
                return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.answers_after:
                await asyncio.sleep(self.answers_after)
            to = envelope.rcpt_tos[0]
            if self.content_replies[to]:
                return self.content_replies[to].pop(0)
            self.received.append(Received(to, envelope.original_content or b""))
            if self.drops_after_content:
                self.drops_after_content -= 1
                assert isinstance(server.transport, asyncio.WriteTransport)
                server.transport.abort()
            return "250 Kept"
        finally:
            self.at_once -= 1

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data.password.decode() == self.password
        return AuthResult(success=is_right, handled=False)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, starts_tls: bool = False, password: str | None = None
) -> AsyncGenerator[MailServer]:
    running = MailServer(password=password)

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            # aiosmtpd cannot see that a line is encrypted from its first byte, and warns of passwords in the clear.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                running,
                hostname="mail.example",
                tls_context=tls if starts_tls else None,
                require_starttls=starts_tls,
                authenticator=running.authenticate if password else None,
                auth_required=password is not None,
                auth_require_tls=starts_tls,
            )

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(protocol, "127.0.0.1", 0, ssl=None if starts_tls else tls)
    running.port = listening.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        listening.close()
        running.drop_connections()
        await asyncio.sleep(0)
