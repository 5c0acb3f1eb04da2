"""A real clamd with a signature of our own, and servers that misbehave as one may."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
START_SECONDS = 60
HARMFUL = b"vermilion ocelot, and nobody else's words"
# Made of two halves, so that no file of ours is taken for it.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
STREAM_LIMIT = 2 * 1024 * 1024
Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def clamd(folder: Path) -> Iterator[str]:
    """Its address. On a machine without clamd the test is skipped, in CI it fails."""
    program = shutil.which("clamd", path=PLACES)
    if program is None:
        reason = "documents were not scanned: no clamd here (apt-get install clamav-daemon)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    signatures, place = folder / "signatures", folder / "clamd.sock"
    signatures.mkdir()
    (signatures / "ours.ndb").write_text(f"Ours.Ocelot:0:*:{HARMFUL.hex()}\n")
    (signatures / "ours.hdb").write_text(
        f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Ours.Eicar\n"
    )
    settings = folder / "clamd.conf"
    settings.write_text(
        f"LocalSocket {place}\nDatabaseDirectory {signatures}\nTemporaryDirectory {folder}\nForeground yes\n"
        f"StreamMaxLength {STREAM_LIMIT}\nMaxThreads 2\nConcurrentDatabaseReload no\n"
    )
    log = folder / "clamd.log"
    with log.open("wb") as output:
        process = subprocess.Popen([program, f"--config-file={settings}"], stdout=output, stderr=output)
    try:
        _until_it_answers(place, process, log)
        yield f"unix://{place}"
    finally:
        process.terminate()
        process.wait(30)


def _until_it_answers(place: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        if process.poll() is not None:
            pytest.fail(f"clamd did not start: {log.read_text()[-2000:]}")
        with socket.socket(socket.AF_UNIX) as asked:
            try:
                asked.connect(str(place))
                asked.sendall(b"zPING\0")
                if asked.recv(16).startswith(b"PONG"):
                    return
            except OSError:
                time.sleep(0.1)
    pytest.fail("clamd did not answer")


@asynccontextmanager
async def answering(place: Path, conversation: Conversation) -> AsyncGenerator[str]:
    """The address of a server that holds this conversation with whoever connects."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await conversation(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(hold, str(place))
    try:
        yield f"unix://{place}"
    finally:
        server.close()


async def everything(reader: asyncio.StreamReader) -> int:
    """Read a whole INSTREAM as clamd does; how many bytes of content came."""
    await reader.readuntil(b"\0")
    total = 0
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        await reader.readexactly(size)
        total += size
    return total


async def says_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await everything(reader)
    await asyncio.sleep(30)


async def dies_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\0")
    await reader.readexactly(100)
    writer.transport.abort()


def says(answer: bytes) -> Conversation:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await everything(reader)
        writer.write(answer)
        await writer.drain()

    return conversation
