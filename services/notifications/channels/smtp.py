"""E-mail over SMTP, on connections that are kept open between messages.

A crash or a lost line between the last byte of a message and the server's answer leaves open whether it was accepted.
Such a message is tried again with the same Message-ID, so a reader may see it twice and can tell that it is one.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPResponseException,
    SMTPSenderRefused,
)

from services.notifications.channels.answers import Answer, AnswerClass
from services.notifications.channels.mail import AddressUnusable, HeaderRefused, Mail, Sender, compose, usable_address

DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

CONNECT_SECONDS = 10.0
# A server may take its time over the content; past this the message is tried again later.
MESSAGE_SECONDS = 60.0
# A connection idle for longer is asked whether it still lives before a message is trusted to it.
FRESH_SECONDS = 5.0
# Servers end connections that carry too many messages; we end them first.
MESSAGES_PER_CONNECTION = 100

NOT_NOW = range(400, 500)


class SmtpUrlRefused(Exception):
    """SMTP_URL cannot be used. The text never quotes it: it may hold a password."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes: `smtp://host:25`, `smtp+starttls://user:password@host:587`, `smtps://user:password@host:465`."""

    host: str
    port: int
    uses_tls: bool = False
    starts_tls: bool = False
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Raises SmtpUrlRefused, also for a password that would cross a network in the clear."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise SmtpUrlRefused("SMTP_URL is smtp://, smtp+starttls:// or smtps:// with a host")
        if parts.username and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            raise SmtpUrlRefused("SMTP_URL holds a password: use smtp+starttls:// or smtps://")
        return cls(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORTS[parts.scheme],
            uses_tls=parts.scheme == "smtps",
            starts_tls=parts.scheme == "smtp+starttls",
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def client(self, own_name: str) -> SMTP:
        """A client that is not connected yet and greets as `own_name`."""
        return SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.uses_tls,
            start_tls=self.starts_tls,
            local_hostname=own_name,
            timeout=MESSAGE_SECONDS,
        )


@dataclass(slots=True)
class Connection:
    client: SMTP
    messages: int = 0
    used_at: float = 0.0

    @property
    def is_worn(self) -> bool:
        return self.messages >= MESSAGES_PER_CONNECTION or not self.client.is_connected


class ConnectionWasGone(Exception):
    """The server had ended a kept connection before it took anything of this message: try a new one at once."""


class SmtpChannel:
    """Hands messages over. Safe to use from many tasks: each message has a connection to itself.

    There are never more connections than messages at once; who calls `send` bounds that.
    """

    def __init__(self, server: SmtpServer, sender: Sender) -> None:
        self._server = server
        self._sender = sender
        self._idle: list[Connection] = []

    async def send(self, mail: Mail) -> Answer:
        """Hand one message over and say how it went. Never raises for anything a server does."""
        try:
            content = compose(mail, self._sender)
        except AddressUnusable:
            return Answer(AnswerClass.ADDRESS_UNUSABLE)
        except HeaderRefused:
            return Answer(AnswerClass.UNSENDABLE)
        recipient = usable_address(mail.to_address)
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                try:
                    return await self._hand_over(recipient, content)
                except ConnectionWasGone:
                    await self.close()
                    return await self._hand_over(recipient, content)
        except (TimeoutError, ConnectionWasGone):
            return Answer(AnswerClass.TIMED_OUT)

    async def close(self) -> None:
        """Say goodbye on the connections that carry no message now."""
        while self._idle:
            await _end(self._idle.pop())

    async def _hand_over(self, recipient: str, content: bytes) -> Answer:
        try:
            connection = await self._connection()
        except SMTPResponseException as error:
            return Answer(_unless_not_now(error.code, AnswerClass.NOT_ADMITTED), error.code)
        except (SMTPException, OSError):
            return Answer(AnswerClass.UNREACHABLE)
        is_clean = False
        try:
            answer = await self._converse(connection, recipient, content)
            is_clean = answer.answer is AnswerClass.ACCEPTED or await _is_cleared(connection)
        finally:
            if is_clean and not connection.is_worn:
                connection.used_at = time.monotonic()
                self._idle.append(connection)
            else:
                connection.client.close()
        return answer

    async def _converse(self, connection: Connection, recipient: str, content: bytes) -> Answer:
        client = connection.client
        connection.messages += 1
        is_on_its_way = False
        try:
            await client.mail(self._sender.address)
            await client.rcpt(recipient)
            is_on_its_way = True
            reply = await client.data(content)
        except (SMTPException, OSError) as error:
            answer = answer_to(error, is_on_its_way=is_on_its_way)
            if answer.answer is AnswerClass.UNREACHABLE and connection.messages > 1:
                raise ConnectionWasGone from None
            return answer
        return Answer(AnswerClass.ACCEPTED, reply.code)

    async def _connection(self) -> Connection:
        """An open connection: the one used last, if it still lives, or a new one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_worn and await _lives(connection):
                return connection
            await _end(connection)
        client = self._server.client(self._sender.domain)
        await client.connect(timeout=CONNECT_SECONDS)
        return Connection(client)


async def _lives(connection: Connection) -> bool:
    if time.monotonic() - connection.used_at < FRESH_SECONDS:
        return True
    try:
        await connection.client.noop(timeout=CONNECT_SECONDS)
    except (SMTPException, OSError):
        return False
    return True


async def _is_cleared(connection: Connection) -> bool:
    """Whether the server has forgotten the refused message, so that the connection can carry another."""
    try:
        await connection.client.rset(timeout=CONNECT_SECONDS)
    except (SMTPException, OSError):
        return False
    return True


async def _end(connection: Connection) -> None:
    try:
        await connection.client.quit(timeout=1.0)
    except (SMTPException, OSError):
        connection.client.close()


def answer_to(error: Exception, *, is_on_its_way: bool) -> Answer:
    """The answer class of what went wrong in a conversation; `is_on_its_way` once the content may have been sent."""
    match error:
        case SMTPSenderRefused():
            return Answer(_unless_not_now(error.code, AnswerClass.NOT_ADMITTED), error.code)
        case SMTPResponseException():
            return Answer(_unless_not_now(error.code, AnswerClass.REFUSED), error.code)
        case TimeoutError():
            return Answer(AnswerClass.TIMED_OUT)
        case _:
            return Answer(AnswerClass.DISCONNECTED if is_on_its_way else AnswerClass.UNREACHABLE)


def _unless_not_now(code: int, final: AnswerClass) -> AnswerClass:
    return AnswerClass.DEFERRED if code in NOT_NOW else final
