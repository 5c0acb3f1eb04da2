"""The relay, round by round, against a real outbox and a real queue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis

from shared import relay as relaying
from shared.acknowledging import apply_answers
from shared.database import Sessions, transaction
from shared.dead_letters import redrive
from shared.envelope import Answer, Envelope
from shared.events.ats import StaffSessionsEnded
from shared.outbox import record
from shared.queue import Job, Queue
from shared.relay import MOST_IN_QUEUE, TOGETHER, Relay
from shared.sealing import Keyring
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.factories.events import ADA, FOR_BOTH, NOON, opening_reserved, staff_changed
from tests.mechanism import Mechanism

LATER = (
    "UPDATE ats.outbox SET next_at = next_at - %s * interval '1 second', sent_at = sent_at - %s * interval '1 second'"
)


@pytest.fixture
def relay(mechanism: Mechanism, queue: Queue, keys: Keyring) -> Relay:
    return Relay(Service.ATS, mechanism.settings(Service.ATS).direct_database_url, queue, keys)


@asynccontextmanager
async def connected(relay: Relay) -> AsyncGenerator[Any]:
    async with await relay._connect() as connection:
        yield connection


async def carry(relay: Relay, rounds: int = 1) -> None:
    async with connected(relay) as connection:
        for _ in range(rounds):
            await relay.carry(connection)


async def tell(sessions: Sessions, count: int = 1) -> list[UUID]:
    async with transaction(sessions, REGION) as session:
        return [await record(session, opening_reserved(), now=NOON) for _ in range(count)]


def job_ids(parts, service: str = "clearing") -> list[str]:
    with redis.Redis.from_url(parts.redis.url) as client:
        return sorted(each.decode() for each in client.zrange(f"wme:{service}", 0, -1))


async def test_a_letter_goes_to_each_subscribers_queue_signed_and_with_its_own_sealed_part(
    parts, told: Sessions, relay: Relay, keys: Keyring
) -> None:
    fact = staff_changed(version=3)
    async with transaction(told, REGION) as session:
        event_id = await record(session, fact, now=NOON, sealed=FOR_BOTH)
    await carry(relay)
    with redis.Redis.from_url(parts.redis.url) as client:
        for subscriber in (Service.CLEARING, Service.NOTIFICATIONS):
            job_id = f"{event_id}:{subscriber}:0.1"
            assert job_ids(parts, subscriber) == [job_id]
            [letter] = json.loads(client.get(f"arq:job:{job_id}"))["a"][0]["letters"]
            envelope = Envelope.checked(letter, keys)
            assert (envelope.name, envelope.aggregate_version, envelope.occurred_at) == (fact.name, 3, NOON)
            assert envelope.payload["staff_id"] == str(fact.staff_id)
            assert envelope.sealed is not None
            opened = keys.open(envelope.sealed, type(ADA), subscriber=subscriber, event_id=event_id)
            assert opened == ADA


async def test_no_job_shows_personal_data(parts, told: Sessions, relay: Relay) -> None:
    async with transaction(told, REGION) as session:
        await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
    await carry(relay)
    with redis.Redis.from_url(parts.redis.url) as client:
        held = b"".join(key + (client.get(key) or b"") for key in client.scan_iter("arq:job:*"))
    assert b"staff_changed" in held
    assert b"Canary" not in held
    assert b"canary" not in held


async def test_a_job_that_waits_is_not_sent_again_however_long(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    [event_id] = await tell(told)
    await carry(relay)
    for seconds in (3, 30, 3000):
        mechanism.query(LATER, seconds, seconds)
        await carry(relay)
    assert job_ids(parts) == [f"{event_id}:clearing:0.1"]


async def test_looks_at_a_waiting_job_grow_rarer_up_to_five_minutes(
    mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    await tell(told)
    await carry(relay)
    for seconds, least, most in ((3, 2.5, 3.5), (97, 84, 117), (9900, 254, 346)):
        mechanism.query(LATER, seconds, seconds)
        await carry(relay)
        wait = mechanism.scalar("SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM ats.outbox")
        assert least <= wait <= most


async def test_a_lost_job_is_sent_again_under_a_new_id_after_a_growing_pause(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    [event_id] = await tell(told)
    await carry(relay)
    waits = []
    for attempt in range(2, 11):
        with redis.Redis.from_url(parts.redis.url) as client:
            client.delete("wme:clearing")
        mechanism.query("UPDATE ats.outbox SET next_at = clock_timestamp()")
        await carry(relay)
        assert job_ids(parts) == [f"{event_id}:clearing:0.{attempt}"]
        waits.append(mechanism.scalar("SELECT extract(epoch FROM next_at - sent_at)::float8 FROM ats.outbox"))
    expected = [4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert all(0.84 * nominal <= wait <= 1.16 * nominal for wait, nominal in zip(waits, expected, strict=True))


async def test_in_a_burst_letters_of_one_name_travel_together(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay, keys: Keyring
) -> None:
    async with transaction(told, REGION) as session:
        for number in range(TOGETHER + 5):
            await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
            if number < 2:
                await record(session, opening_reserved(), now=NOON)
    await carry(relay)
    with redis.Redis.from_url(parts.redis.url) as client:
        jobs = [json.loads(client.get(f"arq:job:{job_id}"))["a"][0]["letters"] for job_id in job_ids(parts)]
    names = [{Envelope.checked(letter, keys).name for letter in letters} for letters in jobs]
    # Those of an event that is not to be done in groups travel alone.
    assert sorted(len(letters) for letters in jobs) == [1, 1, 5, TOGETHER]
    assert all(len(each) == 1 for each in names)
    mechanism.query(LATER, 3, 3)
    await carry(relay)
    assert mechanism.query("SELECT DISTINCT attempts FROM ats.outbox") == [(1,)]


async def test_a_letter_taken_out_of_its_job_still_counts_as_waiting(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay, queue: Queue
) -> None:
    async with transaction(told, REGION) as session:
        told_ids = [await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH) for _ in range(3)]
    mechanism.query("DELETE FROM ats.outbox WHERE subscriber = 'notifications'")
    first, second, third = sorted(told_ids)
    await carry(relay)
    with redis.Redis.from_url(parts.redis.url) as client:
        client.delete("wme:clearing")
    await queue.publish([Job(Service.CLEARING, "deliver", {}, f"{second}:clearing:0.1:alone")])
    mechanism.query(LATER, 3, 3)
    await carry(relay)
    assert job_ids(parts) == sorted([f"{first}:clearing:0.2", f"{second}:clearing:0.1:alone"])
    assert dict(mechanism.query("SELECT event_id, attempts FROM ats.outbox")) == {first: 2, second: 1, third: 2}


async def test_an_emptied_redis_is_noticed_at_the_next_round(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    event_ids = sorted(await tell(told, 30))
    await carry(relay)
    parts.redis.empty()
    await carry(relay)
    assert job_ids(parts) == [f"{each}:clearing:0.2" for each in event_ids]
    assert mechanism.query("SELECT DISTINCT attempts FROM ats.outbox") == [(2,)]


async def test_a_job_whose_worker_died_is_sent_again_in_its_place(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    [event_id] = await tell(told)
    await carry(relay)
    with redis.Redis.from_url(parts.redis.url) as client:
        client.set(f"arq:in-progress:{event_id}:clearing:0.1", b"1")
    mechanism.query(LATER, 3, 3)
    await carry(relay)
    assert job_ids(parts) == [f"{event_id}:clearing:0.2"]


async def test_an_answered_or_dead_letter_is_never_sent_again(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    done, dead = await tell(told, 2)
    await carry(relay)
    async with transaction(told, REGION) as session:
        answers = [Answer(event_id=done, redrives=0), Answer(event_id=dead, redrives=0, dead_reason="RuntimeError")]
        await apply_answers(session, Service.CLEARING, answers)
    parts.redis.empty()
    mechanism.query(LATER, 3000, 3000)
    await carry(relay)
    assert job_ids(parts) == []


async def test_a_redriven_letter_is_new_to_the_queue(parts, told: Sessions, relay: Relay) -> None:
    [event_id] = await tell(told)
    await carry(relay)
    async with transaction(told, REGION) as session:
        await apply_answers(
            session, Service.CLEARING, [Answer(event_id=event_id, redrives=0, dead_reason="RuntimeError")]
        )
        await redrive(session, event_id, Service.CLEARING)
    await carry(relay)
    assert f"{event_id}:clearing:1.1" in job_ids(parts)


async def test_several_relays_send_each_letter_once(
    mechanism: Mechanism, told: Sessions, queue: Queue, keys: Keyring
) -> None:
    published: list[str] = []

    class Listening(Queue):
        async def publish(self, jobs: Sequence[Any], **others: Any) -> None:
            published.extend(letter["body"]["event_id"] for job in jobs for letter in job.body["letters"])
            await super().publish(jobs, **others)

    settings = mechanism.settings(Service.ATS)
    listening = Listening(settings.redis_url)
    relays = [Relay(Service.ATS, settings.direct_database_url, listening, keys) for _ in range(4)]
    event_ids = await tell(told, 300)
    await asyncio.gather(*(carry(each, rounds=4) for each in relays))
    await listening.close()
    assert sorted(published) == sorted(str(each) for each in event_ids)


async def test_a_subscriber_that_is_away_holds_a_bounded_number_of_jobs_and_nobody_else_up(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "MOST_IN_QUEUE", 20)
    assert MOST_IN_QUEUE == 500
    await tell(told, 50)
    async with transaction(told, REGION) as session:
        for _ in range(5):
            await record(session, StaffSessionsEnded(staff_id=uuid4(), ended_at=NOON), now=NOON)
    await carry(relay, rounds=5)
    assert len(job_ids(parts, "clearing")) == 20
    assert len(job_ids(parts, "notifications")) == 5
    with redis.Redis.from_url(parts.redis.url) as client:
        client.zremrangebyrank("wme:clearing", 0, 9)
    await carry(relay, rounds=2)
    assert len(job_ids(parts, "clearing")) == 20
    assert mechanism.scalar("SELECT count(*) FROM ats.outbox WHERE subscriber = 'clearing' AND attempts = 0") == 25


async def test_a_row_that_makes_no_letter_stops_no_other(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    bad, good = sorted(await tell(told, 2))
    mechanism.query("UPDATE ats.events SET payload = '[]' WHERE id = %s", bad)
    for expected in ([f"{good}:clearing:0.1"], [f"{good}:clearing:0.1"]):
        await carry(relay)
        mechanism.query(LATER, 3, 3)
        assert job_ids(parts) == expected


async def test_the_relay_stops_at_once_while_it_rests(told: Sessions, relay: Relay, monkeypatch) -> None:
    monkeypatch.setattr(relaying, "POLL_SECONDS", 600.0)
    stopping = asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    async with asyncio.timeout(30):
        while not await relay._queue.remembers(relay._mark):
            await asyncio.sleep(0.01)
        stopping.set()
        await running


async def test_nothing_is_claimed_while_redis_is_away(mechanism: Mechanism, told: Sessions, keys: Keyring) -> None:
    away = Queue("redis://127.0.0.1:1/0")
    relay = Relay(Service.ATS, mechanism.settings(Service.ATS).direct_database_url, away, keys)
    await tell(told)
    with pytest.raises(relaying.AWAY):
        await carry(relay)
    await away.close()
    assert mechanism.scalar("SELECT attempts FROM ats.outbox") == 0


async def test_a_commit_wakes_the_relay(parts, told: Sessions, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "POLL_SECONDS", 600.0)
    stopping = asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    async with asyncio.timeout(60):
        while not await relay._queue.remembers(relay._mark):
            await asyncio.sleep(0.01)
        [event_id] = await tell(told)
        while job_ids(parts) != [f"{event_id}:clearing:0.1"]:
            await asyncio.sleep(0.01)
        stopping.set()
        await running


async def test_the_relay_goes_on_after_a_restart_of_postgresql(
    parts, mechanism: Mechanism, told: Sessions, relay: Relay
) -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    mechanism.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ats_app' AND pid <> pg_backend_pid()"
    )
    try:
        await tell(told)
    except Exception:  # noqa: BLE001 - its pooled connection was ended as well
        await tell(told)
    async with asyncio.timeout(60):
        while not job_ids(parts):
            await asyncio.sleep(0.01)
        stopping.set()
        await running
