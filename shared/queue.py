"""The job queue between the services: publish, look, consume. arq is known here and nowhere else.

arq is in maintenance only, so the door is kept narrow. What it does not do is done around it: nothing is lost because
the outbox keeps it, nothing is doubled because the inbox knows it, and this module survives a Redis that goes away.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any
from uuid import uuid4

import structlog
from arq import ArqRedis, Retry, Worker, func
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix
from arq.jobs import serialize_job
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from shared.interruption import HEARD_SECONDS, end
from shared.vocabulary import Service

log = structlog.get_logger()

AWAY = (RedisError, OSError)
# Between two looks into a queue: the least, and the most while nobody rings.
POLL_SECONDS = 0.015
LOOK_SECONDS = 0.1
RING_SECONDS = 1
MOST_RINGS = 4
MAX_JOBS = 20
JOB_SECONDS = 30
# Ours ends first and says why.
ARQ_JOB_SECONDS = JOB_SECONDS + 5
# How long arq's mark of a running job lasts when nobody takes it away, and what Redis says where there is none.
RUNNING_MARK_SECONDS = ARQ_JOB_SECONDS + 10
NO_MARK = -2
GRACE_SECONDS = 5.0
A_DAY_SECONDS = 86_400
# Our own counts decide when to stop (inbox: five starts); arq's would drop the job in silence.
NO_LIMIT = 1_000_000_000


class TryAgain(Exception):
    """A consumer wants the same job again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Job:
    """One call of `function` at the workers of `service`. `body` is JSON."""

    service: Service
    function: str
    body: Mapping[str, Any]
    id: str = field(default_factory=lambda: uuid4().hex)


JobName = tuple[Service, str]
"""Whose queue, and the job's id."""

Consume = Callable[[dict[str, Any], int], Awaitable[None]]
"""Takes a job's body and which try of this job it is (from 1). May raise TryAgain."""


def encode(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_kind_of_error).encode()


def _kind_of_error(value: object) -> str:
    """The queue also packs the error of a job that it could not run, though nothing of it is kept."""
    if isinstance(value, BaseException):
        return type(value).__name__
    raise TypeError(f"{type(value).__name__} is not JSON")


def decode(raw: bytes) -> dict[str, Any]:
    return json.loads(raw)


def queue_of(service: Service) -> str:
    return f"wme:{service}"


def bell_of(service: Service) -> str:
    return f"wme:{service}:bell"


class Queue:
    """One process's connection to Redis. `keep_seconds` is how long a job waits before the queue forgets it."""

    def __init__(self, url: str, *, keep_seconds: int = A_DAY_SECONDS) -> None:
        self._keep_ms = keep_seconds * 1000
        self._redis = ArqRedis(
            ConnectionPool.from_url(url, socket_connect_timeout=2, socket_timeout=5),
            job_serializer=encode,
            job_deserializer=decode,
            expires_extra_ms=self._keep_ms,
        )

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    async def publish(self, jobs: Sequence[Job], *, instead_of: Collection[JobName] = ()) -> None:
        """Put all of `jobs` into their queues in one round trip, or none. Raises one of AWAY.

        `instead_of` names jobs whose worker died: arq keeps such a job in its place, where many of them would stop up
        the queue. One that is running after all comes to its end undisturbed.
        """
        now_ms = int(time() * 1000)
        async with self._redis.pipeline(transaction=True) as pipe:
            for service, job_id in instead_of:
                pipe.zrem(queue_of(service), job_id)
                pipe.delete(job_key_prefix + job_id, retry_key_prefix + job_id)
            for job in jobs:
                packed = serialize_job(job.function, (dict(job.body),), {}, None, now_ms, serializer=encode)
                pipe.psetex(job_key_prefix + job.id, self._keep_ms, packed)
                pipe.zadd(queue_of(job.service), {job.id: now_ms})
            for bell in {bell_of(job.service) for job in jobs}:
                pipe.lpush(bell, b"1")
                pipe.ltrim(bell, 0, MOST_RINGS - 1)
                pipe.pexpire(bell, self._keep_ms)
            await pipe.execute()

    async def under_way(self, jobs: Collection[JobName], *, running_seconds: float) -> set[JobName]:
        """Which of these jobs still wait in their queue, whole and untouched, or have run for less than that long.

        One that has run for longer may be that of a worker that died: its mark outlives it.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            for service, job_id in jobs:
                pipe.zscore(queue_of(service), job_id)
                pipe.exists(job_key_prefix + job_id)
                pipe.pttl(in_progress_key_prefix + job_id)
            found = await pipe.execute()
        states = zip(found[::3], found[1::3], found[2::3], strict=True)
        began_lately = (RUNNING_MARK_SECONDS - running_seconds) * 1000
        return {
            job
            for job, (score, is_whole, mark_ms) in zip(jobs, states, strict=True)
            if score is not None and is_whole and (mark_ms == NO_MARK or mark_ms > began_lately)
        }

    async def backlogs(self, services: Sequence[Service]) -> list[int]:
        """How many jobs of each service wait or run now; those put off until later are not counted."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for service in services:
                pipe.zcount(queue_of(service), "-inf", int(time() * 1000))
            return await pipe.execute()

    async def oldest_seconds(self, service: Service) -> float:
        """How long the oldest job of the service has waited or run; 0 when there is none."""
        oldest = await self._redis.zrange(queue_of(service), 0, 0, withscores=True)
        return max(0.0, time() - oldest[0][1] / 1000) if oldest else 0.0

    async def remembers(self, mark: str) -> bool:
        return bool(await self._redis.exists(mark))

    async def remember(self, mark: str) -> None:
        """Leave a mark whose absence will show that Redis lost what it held."""
        await self._redis.set(mark, b"1")

    async def consume(self, service: Service, functions: Mapping[str, Consume], stopping: asyncio.Event) -> None:
        """Run jobs of `service` until `stopping` is set; then finish what runs, within GRACE_SECONDS.

        When Redis goes away the worker is made anew: arq's own would end the process.
        """
        pause = 0.2
        while not stopping.is_set():
            worker = self._worker(service, functions)
            running = asyncio.create_task(worker.async_run())
            stopped = asyncio.create_task(stopping.wait())
            await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if stopping.is_set():
                await _wind_down(worker, running)
                await worker.listen_no_more()
                return
            await worker.listen_no_more()
            error = running.exception()
            await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
            if not isinstance(error, AWAY):
                raise error or RuntimeError("the queue's worker ended by itself")
            log.warning("queue_away", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def _worker(self, service: Service, functions: Mapping[str, Consume]) -> _Listening:
        return _Listening(
            bell=bell_of(service),
            functions=[func(_adapted(each), name=name, max_tries=NO_LIMIT) for name, each in functions.items()],
            queue_name=queue_of(service),
            redis_pool=self._redis,
            handle_signals=False,
            max_jobs=MAX_JOBS,
            job_timeout=ARQ_JOB_SECONDS,
            keep_result=0,
            poll_delay=POLL_SECONDS,
            health_check_interval=20,
            health_check_key=f"{queue_of(service)}:health:{socket.gethostname()}:{os.getpid()}",
            job_serializer=encode,
            job_deserializer=decode,
            expires_extra_ms=self._keep_ms,
            log_results=False,
        )


class _Listening(Worker):
    """arq's worker looks into its queue all the time. This one waits until somebody rings who has put a job there.

    It looks now and then all the same: for jobs that were put off, and those whose ring another worker heard.
    """

    def __init__(self, *, bell: str, **described: Any) -> None:
        super().__init__(**described)
        self._bell = bell
        self._ring: asyncio.Task[Any] | None = None

    async def _poll_iteration(self) -> None:
        await super()._poll_iteration()
        if not self.burst:
            await self._rest()

    async def _rest(self) -> None:
        """Until somebody rings; with no room for another job, until one that runs has ended. Raises one of AWAY."""
        if self._ring is None or self._ring.done():
            if self._ring is not None:
                self._ring.result()
            self._ring = asyncio.create_task(self.pool.blpop([self._bell], timeout=RING_SECONDS))
        is_full = self.job_counter >= self.max_jobs
        waited_for = (set(self.tasks.values()) if is_full else set()) or {self._ring}
        await asyncio.wait(waited_for, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)

    async def listen_no_more(self) -> None:
        if self._ring is not None:
            await end([self._ring])
            await asyncio.gather(self._ring, return_exceptions=True)


def _adapted(consume: Consume) -> Any:
    async def run(context: dict[str, Any], body: dict[str, Any]) -> None:
        try:
            await consume(body, context["job_try"])
        except TryAgain as again:
            # Another was sent instead of this one while it ran: trying it again would find nothing.
            if await context["redis"].exists(job_key_prefix + context["job_id"]):
                raise Retry(defer=again.seconds) from None

    return run


async def _wind_down(worker: Worker, running: asyncio.Task[None]) -> None:
    """Take no new jobs, let the running ones finish, then cancel what is left: it runs again elsewhere.

    arq leaves by its own door, a burst of no jobs, which ends with the round it is in and the jobs that run: cancelled
    in the middle of taking a job it leaves its connection open, and a mark that the job runs.
    """
    worker.max_jobs, worker.max_burst_jobs, worker.burst = 0, 0, True
    everything = {running, *worker.tasks.values()}
    _, left = await asyncio.wait(everything, timeout=GRACE_SECONDS)
    while left:
        for job in worker.job_tasks.values():
            job.cancel()
        # Again until it is heard. What arq itself waits for is Redis, which has time limits of its own.
        _, left = await asyncio.wait(left, timeout=HEARD_SECONDS)
    await asyncio.gather(*everything, return_exceptions=True)
