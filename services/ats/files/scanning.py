"""Asking ClamAV what it thinks of a content, by its INSTREAM command over TCP or a unix socket."""

from __future__ import annotations

import asyncio
import re
import struct
from urllib.parse import urlsplit

CHUNK = 64 * 1024
CONNECT_SECONDS = 5.0
SCAN_SECONDS = 60.0
LONGEST_ANSWER = 4096
CLEAN = "stream: OK"
FOUND = re.compile(r"\Astream: (.{1,200}) FOUND\Z")


class ScannerAway(Exception):
    """No verdict: the scanner is down, slow, over its own limit, or said something that is none."""


class Scanner:
    """A clamd at `tcp://host:port` or `unix:///path`. Raises ValueError for another address."""

    def __init__(self, url: str, *, seconds: float = SCAN_SECONDS) -> None:
        self._parts = urlsplit(url)
        self._seconds = seconds
        is_tcp = self._parts.scheme == "tcp" and self._parts.hostname
        if not is_tcp and not (self._parts.scheme == "unix" and self._parts.path):
            raise ValueError("CLAMAV_URL is tcp://host:port or unix:///path")

    async def scan(self, content: bytes) -> str | None:
        """What was found, by the scanner's name for it; none where the content is clean. Raises ScannerAway."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise ScannerAway(type(error).__name__) from None
        if answer == CLEAN:
            return None
        found = FOUND.match(answer)
        if found is None:
            # Over the stream limit, or no answer that is known: never taken for clean.
            raise ScannerAway("limit" if "size limit" in answer else "answer")
        return found[1]

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._connect()
        try:
            await _send(writer, content)
            return (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace").strip()
        finally:
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(CONNECT_SECONDS):
            if self._parts.scheme == "unix":
                return await asyncio.open_unix_connection(self._parts.path, limit=LONGEST_ANSWER)
            port = self._parts.port or 3310
            return await asyncio.open_connection(self._parts.hostname, port, limit=LONGEST_ANSWER)


async def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    """A scanner that has had enough hangs up while it is sent to: what it said before is read all the same."""
    try:
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            writer.write(struct.pack("!L", len(chunk)) + chunk)
            await writer.drain()
        writer.write(struct.pack("!L", 0))
        await writer.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
