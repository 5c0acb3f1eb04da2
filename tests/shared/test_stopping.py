"""How a worker comes to its end: soon, whatever it is at, and with nothing left open."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from sqlalchemy.engine import make_url

from shared import worker
from shared.queue import Job, Queue
from shared.vocabulary import Service
from shared.worker import ServiceWorker, WorkerContext, run_worker
from tests.mechanism import Mechanism

CLEARING = Service.CLEARING
PATIENCE_SECONDS = 60


class SlowRedis:
    """The way to a Redis whose every answer takes `seconds`. A job is taken by looking whether another took it."""

    def __init__(self, url: str, seconds: float) -> None:
        self._to = make_url(url)
        self._seconds = seconds
        self.has_begun_to_take = asyncio.Event()

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[str]:
        async with await asyncio.start_server(self._carry_both, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            yield self._to.set(port=port).render_as_string(hide_password=False)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(self._to.host, self._to.port)
        await asyncio.gather(self._carry(reader, questions, 0), self._carry(answers, writer, self._seconds))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        while chunk := await reader.read(65536):
            if b"EXISTS" in chunk:
                self.has_begun_to_take.set()
            await asyncio.sleep(seconds)
            if not writer.is_closing():
                writer.write(chunk)
        writer.close()
        await writer.wait_closed()


async def test_told_to_stop_while_it_takes_a_job_a_worker_leaves_nothing_open(parts, mechanism: Mechanism) -> None:
    """Redis is so slow that taking the job lasts longer than the patience between two cancellations."""
    done: list[str] = []
    slow = SlowRedis(parts.redis.url, seconds=0.6)

    async def consume(body: dict[str, Any], _tries: int) -> None:
        done.append(body["name"])

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        async with asyncio.timeout(PATIENCE_SECONDS), slow.served() as url:
            queue = Queue(url)
            await queue.publish([Job(CLEARING, "do", {"name": "a job"}, "a-job")])
            stopping = asyncio.Event()
            running = asyncio.create_task(queue.consume(CLEARING, {"do": consume}, stopping))
            await slow.has_begun_to_take.wait()
            stopping.set()
            await running
            await queue.close()
        del running, queue
        gc.collect()
    assert [str(each.message) for each in warned if "Redis" in str(each.source) or "Pipeline" in str(each.source)] == []
    with redis.Redis.from_url(parts.redis.url) as client:
        is_waiting = client.zscore("wme:clearing", "a-job") is not None and not client.exists("arq:in-progress:a-job")
    assert is_waiting != bool(done), "the job is either done or left to the next worker"


async def test_a_worker_stops_though_what_runs_beside_it_missed_that_it_was_told_to(
    mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what waits for Redis does, when its answer comes in the same moment."""
    stopping, begun = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(worker, "_stopping", lambda: stopping)
    missed: list[str] = []

    async def hard_of_hearing(_context: WorkerContext) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            missed.append("once")

    described = ServiceWorker(service=CLEARING, handlers={}, background=[hard_of_hearing])
    async with asyncio.timeout(PATIENCE_SECONDS):
        running = asyncio.create_task(run_worker(described, mechanism.settings(CLEARING)))
        await begun.wait()
        stopping.set()
        await running
    assert missed == ["once"]
