"""A small closed-loop HTTP load: keep-alive connections, each sending its next request when the last is answered.

Plain sockets, so that the client costs little beside the server that shares its two cores.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """One measured run. Times are seconds; `cpu_ms` is the server's processor time per request."""

    requests: int
    seconds: float
    latencies: tuple[float, ...]
    statuses: dict[int, int]
    cpu_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def drive(url: str, request_of: Callable[[int], bytes], *, requests: int, connections: int, pid: int) -> Figures:
    """Send `requests` requests over `connections` connections to the process `pid` and measure them."""
    address = urlsplit(url)
    numbers = iter(range(requests))
    latencies: list[float] = []
    statuses: dict[int, int] = {}

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for number in numbers:
            began = time.perf_counter()
            writer.write(request_of(number))
            status = await _answer(reader)
            latencies.append(time.perf_counter() - began)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()
        await writer.wait_closed()

    cpu_before, began = cpu_seconds(pid), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(one_connection())
    seconds = time.perf_counter() - began
    spent = (cpu_seconds(pid) - cpu_before) * 1000 / requests
    return Figures(requests, seconds, tuple(latencies), statuses, spent)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lowered = head.lower()
    start = lowered.index(b"content-length:") + len(b"content-length:")
    await reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
    return status


def get(path: str, headers: dict[str, str]) -> bytes:
    return _head("GET", path, headers) + b"\r\n"


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    sent = headers | {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return _head("POST", path, sent) + b"\r\n" + body


def _head(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, ""]).encode()
