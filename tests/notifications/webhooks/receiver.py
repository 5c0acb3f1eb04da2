"""A council's system that takes webhooks: it believes nothing that the `standardwebhooks` package does not verify."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Taken:
    """One message as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def type(self) -> str:
        return json.loads(self.body)["type"]

    def verified_with(self, secret: str) -> dict[str, Any]:
        """The message, by an independent implementation. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass
class Says:
    """What it answers. `drip` seconds before each further piece of a body that never ends."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: float = 0.0
    endless: bool = False
    hangs_up: bool = False


@dataclass
class Receiver:
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    says: Callable[[Taken], Says] = lambda _: Says()
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def always(self, status: int = 204, **more: Any) -> None:
        self.says = lambda _: Says(status, **more)

    def answer(self, taken: Taken) -> Says:
        """A challenge is answered whatever else it says."""
        told = json.loads(taken.body)
        if told["type"] == "webhook.challenge":
            return Says(200, body=json.dumps({"challenge": told["data"]["challenge"]}).encode())
        return self.says(taken)

    @property
    def news(self) -> list[Taken]:
        return [each for each in self.taken if each.type != "webhook.challenge"]


@asynccontextmanager
async def receiver() -> AsyncGenerator[Receiver]:
    played = Receiver()
    server = await asyncio.start_server(lambda *streams: _serve(played, *streams), "127.0.0.1", 0)
    played.port = server.sockets[0].getsockname()[1]
    try:
        yield played
    finally:
        server.close()


async def _serve(played: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        taken = Taken(head[0].split()[1], headers, body)
        played.taken.append(taken)
        played.at_once += 1
        played.most_at_once = max(played.most_at_once, played.at_once)
        try:
            await _say(played.answer(taken), writer)
        finally:
            played.at_once -= 1
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _say(said: Says, writer: asyncio.StreamWriter) -> None:
    if said.after:
        await asyncio.sleep(said.after)
    if said.hangs_up:
        return
    lines = [f"HTTP/1.1 {said.status} Said", "Connection: close", *(f"{k}: {v}" for k, v in said.headers.items())]
    if not said.endless:
        lines.append(f"Content-Length: {len(said.body)}")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + said.body)
    await writer.drain()
    while said.endless:
        writer.write(b"x" * 65_536)
        await writer.drain()
