"""The breaking API as a process of its own, with its output."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120


@dataclass
class BreakingProcess:
    client: httpx.AsyncClient
    process: subprocess.Popen[bytes]
    log: IO[bytes]

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The answer, or what came of it: one that breaks in its middle is cut off."""
        async with self.client.stream("GET", path, headers=headers or {}) as answer:
            try:
                await answer.aread()
            except httpx.RemoteProtocolError:
                answer._content = b""
            return answer

    async def until(self, path: str, status: int) -> httpx.Response:
        """Ask until the answer has this status."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                assert self.process.poll() is None, self.output()
                try:
                    answer = await self.get(path)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code == status:
                    return answer
                await asyncio.sleep(0.1)

    def output(self) -> str:
        self.log.seek(0)
        return self.log.read().decode()


@asynccontextmanager
async def breaking_process(environment: Mapping[str, str]) -> AsyncGenerator[BreakingProcess]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, **environment, "ATS_PORT": str(port), "PYTHONPATH": str(ROOT)}
    with TemporaryFile() as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "tests.shared.breaking_api"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                made = BreakingProcess(client, started, log)
                await made.until("/healthz", 200)
                yield made
        finally:
            started.terminate()
            started.wait()
