"""One message to one address: signed, to an address that was looked at, within limits, and never led on."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from services.notifications.webhooks.signing import headers_of
from services.notifications.webhooks.states import WebhookAnswer
from shared.outward import AddressRefused, Reach, pin, wait_asked_for
from shared.settings import Settings

SECONDS = 15.0
MAX_ANSWER_BYTES = 64 * 1024
MOST_CONNECTIONS = 200
USER_AGENT = "west-midlands-recruitment-webhooks/1"
THROTTLING = frozenset({429, 502, 504})
PLAIN: Mapping[str, str] = {
    "Content-Type": "application/json",
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class Message:
    """`id` stays the same however often it is sent: a receiver that has seen it leaves it at that."""

    id: str
    url: str
    body: bytes
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it. `body` is what the receiver said, up to its limit."""

    answer: WebhookAnswer
    status_code: int | None = None
    retry_after: timedelta | None = None
    body: bytes = field(default=b"", repr=False)


def reach_of(settings: Settings) -> Reach:
    return Reach.of(settings, max_bytes=MAX_ANSWER_BYTES, seconds=SECONDS)


class Poster:
    """Sends for one process.

    No connection serves two messages: one that was opened under another name could lead to the same address, and its
    certificate was that name's. No cookie is kept and no proxy of the environment is asked.
    """

    def __init__(self, reach: Reach, *, trust: ssl.SSLContext | None = None) -> None:
        self._reach = reach
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(
            verify=trust or ssl.create_default_context(), limits=limits, trust_env=False
        )

    async def post(self, message: Message) -> Posted:
        """Whatever happens is an answer. Its status is all that is read: a body may have no end."""
        return await self._exchange(message, 0)

    async def ask(self, message: Message) -> Posted:
        """The same with what the receiver says."""
        return await self._exchange(message, self._reach.max_bytes)

    async def close(self) -> None:
        await self._transport.aclose()

    async def _exchange(self, message: Message, most: int) -> Posted:
        try:
            async with asyncio.timeout(self._reach.seconds):
                return await self._send(message, most)
        except AddressRefused:
            return Posted(WebhookAnswer.ADDRESS_REFUSED)
        except (TimeoutError, httpx.TimeoutException):
            return Posted(WebhookAnswer.TIMED_OUT)
        except (httpx.HTTPError, OSError):
            return Posted(WebhookAnswer.UNREACHABLE)

    async def _send(self, message: Message, most: int) -> Posted:
        pinned = await pin(message.url, self._reach)
        # Receivers compare it with their own clock, which no business clock has moved.
        signed = headers_of(message.id, int(time.time()), message.body, message.secrets)
        request = httpx.Request(
            "POST",
            pinned.url,
            headers={**PLAIN, **pinned.headers, **signed},
            content=message.body,
            extensions={**pinned.extensions, "timeout": httpx.Timeout(self._reach.seconds).as_dict()},
        )
        response = await self._transport.handle_async_request(request)
        try:
            asked = wait_asked_for(response.headers.get("retry-after"), datetime.now(UTC))
            body = await _beginning(response, most) if most else b""
            return Posted(answer_of(response.status_code), response.status_code, asked, body)
        finally:
            await response.aclose()


def answer_of(status: int) -> WebhookAnswer:
    if 200 <= status < 300:
        return WebhookAnswer.ACCEPTED
    if 300 <= status < 400:
        return WebhookAnswer.REDIRECTED
    if status == httpx.codes.GONE:
        return WebhookAnswer.GONE
    return WebhookAnswer.THROTTLED if status in THROTTLING else WebhookAnswer.REFUSED


async def _beginning(response: httpx.Response, most: int) -> bytes:
    """What is longer is left unread, and the connection closed on it."""
    taken = bytearray()
    async for chunk in response.aiter_raw():
        taken += chunk
        if len(taken) >= most:
            break
    return bytes(taken[:most])
