"""The door to arq: what it is relied on for, and what is done around it. Real Redis, real workers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis

from shared.queue import AWAY, MOST_RINGS, RUNNING_MARK_SECONDS, Consume, Job, Queue, TryAgain, bell_of
from shared.vocabulary import Service
from tests.mechanism import Mechanism

CLEARING = Service.CLEARING


@asynccontextmanager
async def consuming(queue: Queue, consume: Consume) -> AsyncGenerator[None]:
    stopping = asyncio.Event()
    running = asyncio.create_task(queue.consume(CLEARING, {"do": consume}, stopping))
    try:
        yield
    finally:
        stopping.set()
        await running


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_jobs_published_together_are_each_run_once(queue: Queue) -> None:
    done: list[int] = []

    async def consume(body: dict[str, Any], _tries: int) -> None:
        done.append(body["n"])

    await queue.publish([Job(CLEARING, "do", {"n": n}) for n in range(50)])
    async with consuming(queue, consume):
        await until(lambda: len(done) >= 50)
    assert sorted(done) == list(range(50))
    assert await queue.backlogs([CLEARING]) == [0]


async def test_who_publishes_rings_and_rings_that_nobody_hears_do_not_pile_up(parts, queue: Queue) -> None:
    with redis.Redis.from_url(parts.redis.url) as client:
        await queue.publish([Job(CLEARING, "do", {"n": 0})])
        assert client.llen(bell_of(CLEARING)) == 1
        for number in range(20):
            await queue.publish([Job(CLEARING, "do", {"n": number})])
        assert client.llen(bell_of(CLEARING)) == MOST_RINGS


async def test_a_worker_hears_every_ring_while_it_waits(parts, queue: Queue) -> None:
    async def consume(_body: dict[str, Any], _tries: int) -> None: ...

    with redis.Redis.from_url(parts.redis.url) as client:
        client.rpush(bell_of(CLEARING), *[b"1"] * MOST_RINGS)
        async with consuming(queue, consume):
            await until(lambda: client.llen(bell_of(CLEARING)) == 0)


async def test_what_lies_in_redis_is_json(parts, queue: Queue) -> None:
    await queue.publish([Job(CLEARING, "do", {"title": "Köchin"}, "a-job")])
    with redis.Redis.from_url(parts.redis.url) as client:
        held = json.loads(client.get("arq:job:a-job"))
    assert (held["f"], held["a"]) == ("do", [{"title": "Köchin"}])


async def test_a_job_that_asks_to_try_again_comes_again_as_often_as_it_asks(queue: Queue) -> None:
    tried: list[int] = []

    async def consume(_body: dict[str, Any], tries: int) -> None:
        tried.append(tries)
        if tries < 8:
            raise TryAgain(0.001)

    await queue.publish([Job(CLEARING, "do", {})])
    async with consuming(queue, consume):
        await until(lambda: len(tried) == 8)
    assert tried == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_one_that_fails_or_cannot_be_read_does_not_stop_the_next(parts, queue: Queue) -> None:
    done: list[str] = []

    async def consume(body: dict[str, Any], _tries: int) -> None:
        if body["name"] == "bad":
            raise RuntimeError
        done.append(body["name"])

    with redis.Redis.from_url(parts.redis.url) as client:
        client.set("arq:job:unreadable", b"\x80\x04not json")
        client.zadd("wme:clearing", {"unreadable": 1})
    await queue.publish([Job(CLEARING, "do", {"name": name}) for name in ("bad", "good")])
    async with consuming(queue, consume):
        await until(lambda: done)
    assert done == ["good"]


async def test_jobs_under_way_are_whole_and_wait_or_began_lately(parts, queue: Queue) -> None:
    names = ("waits", "expired", "runs", "began")
    await queue.publish([Job(CLEARING, "do", {}, name) for name in names])
    with redis.Redis.from_url(parts.redis.url) as client:
        client.delete("arq:job:expired")
        client.psetex("arq:in-progress:runs", int((RUNNING_MARK_SECONDS - 3) * 1000), b"1")
        client.psetex("arq:in-progress:began", int((RUNNING_MARK_SECONDS - 1) * 1000), b"1")
    asked = [(CLEARING, name) for name in (*names, "never sent")]
    found = await queue.under_way(asked, running_seconds=2)
    assert found == {(CLEARING, "waits"), (CLEARING, "began")}


async def test_a_running_job_is_marked_for_as_long_as_we_reckon(parts, queue: Queue) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def consume(_body: dict[str, Any], _tries: int) -> None:
        begun.set()
        await may_end.wait()

    await queue.publish([Job(CLEARING, "do", {}, "long")])
    async with consuming(queue, consume):
        await begun.wait()
        with redis.Redis.from_url(parts.redis.url) as client:
            left = client.pttl("arq:in-progress:long") / 1000
        may_end.set()
    assert RUNNING_MARK_SECONDS - 10 < left <= RUNNING_MARK_SECONDS


async def test_a_job_put_off_waits_but_takes_no_room_in_the_queue(queue: Queue) -> None:
    tried: list[int] = []

    async def consume(_body: dict[str, Any], tries: int) -> None:
        tried.append(tries)
        raise TryAgain(600)

    await queue.publish([Job(CLEARING, "do", {}, "put-off")])
    async with consuming(queue, consume):
        await until(lambda: tried)
    assert await queue.backlogs([CLEARING]) == [0]
    assert await queue.under_way([(CLEARING, "put-off")], running_seconds=2) == {(CLEARING, "put-off")}


async def test_a_dead_workers_job_makes_way_for_the_one_sent_instead(parts, queue: Queue) -> None:
    await queue.publish([Job(CLEARING, "do", {}, "first")])
    with redis.Redis.from_url(parts.redis.url) as client:
        client.set("arq:in-progress:first", b"1")
        await queue.publish([Job(CLEARING, "do", {}, "second")], instead_of=[(CLEARING, "first")])
        assert client.zrange("wme:clearing", 0, -1) == [b"second"]


async def test_one_that_was_replaced_while_it_ran_is_not_tried_again_in_vain(
    parts, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def consume(body: dict[str, Any], _tries: int) -> None:
        if body["name"] == "second":
            done.append("second")
            return
        begun.set()
        await may_end.wait()
        raise TryAgain(0.001)

    await queue.publish([Job(CLEARING, "do", {"name": "first"}, "first")])
    async with consuming(queue, consume):
        await begun.wait()
        await queue.publish([Job(CLEARING, "do", {"name": "second"}, "second")], instead_of=[(CLEARING, "first")])
        may_end.set()
        await until(lambda: done)
        with redis.Redis.from_url(parts.redis.url) as client:
            await until(lambda: client.zcard("wme:clearing") == 0)
    assert not [each for each in caplog.records if each.name.startswith("arq") and each.levelname != "INFO"]


async def test_a_job_that_was_forgotten_is_dropped_without_a_trace_of_errors(
    parts, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    with redis.Redis.from_url(parts.redis.url) as client:
        client.zadd("wme:clearing", {"forgotten": 1})

        async def consume(_body: dict[str, Any], _tries: int) -> None:
            """Never called."""

        async with consuming(queue, consume):
            await until(lambda: client.zcard("wme:clearing") == 0)
    assert [each.getMessage() for each in caplog.records if each.levelname not in {"INFO", "DEBUG"}] == [
        "job forgotten expired"
    ]


async def test_publishing_to_a_redis_that_is_away_says_so() -> None:
    queue = Queue("redis://127.0.0.1:1/0")
    with pytest.raises(AWAY):
        await queue.publish([Job(CLEARING, "do", {})])
    await queue.close()


async def test_a_consumer_outlives_a_redis_that_dies_and_comes_back_empty(parts, queue: Queue) -> None:
    done: list[str] = []

    async def consume(body: dict[str, Any], _tries: int) -> None:
        done.append(body["name"])

    async with consuming(queue, consume):
        await queue.publish([Job(CLEARING, "do", {"name": "before"})])
        await until(lambda: done == ["before"])
        parts.redis.kill()
        parts.redis.start()
        newcomer = Queue(parts.redis.url)
        await newcomer.publish([Job(CLEARING, "do", {"name": "after"})])
        await until(lambda: done == ["before", "after"])
        await newcomer.close()


async def test_stopping_lets_what_runs_come_to_its_end(queue: Queue) -> None:
    begun, may_end, done = asyncio.Event(), asyncio.Event(), []

    async def consume(_body: dict[str, Any], _tries: int) -> None:
        begun.set()
        await may_end.wait()
        done.append("ended")

    stopping = asyncio.Event()
    await queue.publish([Job(CLEARING, "do", {})])
    running = asyncio.create_task(queue.consume(CLEARING, {"do": consume}, stopping))
    await begun.wait()
    stopping.set()
    await asyncio.sleep(0)
    may_end.set()
    await running
    assert done == ["ended"]


async def test_a_mark_shows_whether_redis_lost_what_it_held(parts, queue: Queue, mechanism: Mechanism) -> None:
    assert not await queue.remembers("mark")
    await queue.remember("mark")
    assert await queue.remembers("mark")
    parts.redis.empty()
    assert not await queue.remembers("mark")
