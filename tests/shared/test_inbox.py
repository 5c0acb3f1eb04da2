"""Starts are counted before the work; an event is claimed once."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import time
from uuid import UUID, uuid4

from shared import inbox
from shared.database import Sessions, transaction
from shared.inbox import Arrival, Start
from shared.tenancy import REGION
from tests.factories.events import NOON
from tests.mechanism import Mechanism


def arrival(event_id: UUID, redrives: int = 0) -> Arrival:
    return Arrival(event_id, "ats", "ats.opening_reserved.v1", redrives)


async def start(sessions: Sessions, *arrivals: Arrival) -> list[Start]:
    async with transaction(sessions, REGION) as session:
        return await inbox.count_starts(session, arrivals)


async def claim(sessions: Sessions, event_id: UUID) -> bool:
    async with transaction(sessions, REGION) as session:
        return bool((await inbox.claim(session, [event_id])).taken)


async def test_each_start_counts_and_the_answers_come_in_the_order_asked(heard: Sessions) -> None:
    first, second = uuid4(), uuid4()
    await start(heard, arrival(second))
    found = await start(heard, arrival(first), arrival(second))
    assert [each.starts for each in found] == [1, 2]


async def test_what_is_processed_is_not_started_again_and_counts_as_a_duplicate(
    mechanism: Mechanism, heard: Sessions
) -> None:
    event_id = uuid4()
    await start(heard, arrival(event_id))
    assert await claim(heard, event_id)
    assert await start(heard, arrival(event_id)) == [Start(1, True, None)]
    assert not await claim(heard, event_id)
    assert mechanism.scalar("SELECT duplicates FROM clearing.inbox") == 1


async def test_of_two_workers_one_claims(heard: Sessions) -> None:
    event_id = uuid4()
    await start(heard, arrival(event_id))
    assert sorted(await asyncio.gather(*(claim(heard, event_id) for _ in range(5)))) == [False] * 4 + [True]


async def test_a_claim_that_is_rolled_back_leaves_the_event_to_be_done(heard: Sessions) -> None:
    event_id = uuid4()
    await start(heard, arrival(event_id))
    async with heard() as session:
        assert (await inbox.claim(session, [event_id])).taken
        await session.rollback()
    assert await claim(heard, event_id)


async def test_an_uncounted_start_is_as_if_it_had_not_been(heard: Sessions) -> None:
    event_id = uuid4()
    await start(heard, arrival(event_id))
    async with transaction(heard, REGION) as session:
        assert await inbox.is_suspect(session, event_id)
        await inbox.uncount_starts(session, [event_id], parked_reason="vacancy_unknown")
        assert not await inbox.is_suspect(session, event_id)
    assert [each.starts for each in await start(heard, arrival(event_id))] == [1]


async def test_a_buried_event_says_why_until_a_redrive_gives_it_new_starts(heard: Sessions) -> None:
    event_id = uuid4()
    for _ in range(5):
        await start(heard, arrival(event_id))
    async with transaction(heard, REGION) as session:
        await inbox.bury(session, event_id, "RuntimeError")
    assert await start(heard, arrival(event_id)) == [Start(6, False, "RuntimeError")]
    assert await start(heard, arrival(event_id, redrives=1)) == [Start(1, False, None)]


async def test_what_was_processed_long_ago_is_forgotten_and_nothing_else(mechanism: Mechanism, heard: Sessions) -> None:
    ago = {days: uuid7_of(days) for days in (399, 401, 500)}
    for days, event_id in ago.items():
        mechanism.query(
            "INSERT INTO clearing.inbox (event_id, producer, name, processed_at)"
            " VALUES (%s, 'ats', 'x', clock_timestamp() - %s * interval '1 day')",
            event_id,
            days,
        )
    waits, late = uuid7_of(600), uuid7_of(601)
    mechanism.query("INSERT INTO clearing.inbox (event_id, producer, name) VALUES (%s, 'ats', 'x')", waits)
    mechanism.query(
        "INSERT INTO clearing.inbox (event_id, producer, name, processed_at)"
        " VALUES (%s, 'ats', 'x', clock_timestamp())",
        late,
    )
    async with transaction(heard, REGION) as session:
        assert await inbox.prune_inbox(session, NOON) == 2
    left = {row[0] for row in mechanism.query("SELECT event_id FROM clearing.inbox")}
    assert left == {ago[399], waits, late}


def uuid7_of(days_ago: float) -> UUID:
    """Of an event that was told so long ago."""
    return UUID(int=int((time() - days_ago * 86_400) * 1000) << 80 | uuid4().int >> 48)


async def test_workers_that_count_the_same_events_wait_for_nobody_and_count_what_is_free(heard: Sessions) -> None:
    arrivals = [arrival(uuid4()) for _ in range(200)]
    orders = (arrivals, arrivals[::-1], arrivals, arrivals[::-1])
    found = await asyncio.gather(*(start(heard, *order) for order in orders))
    by_event: Counter[UUID] = Counter()
    for order, starts in zip(orders, found, strict=True):
        by_event.update(each.event_id for each, start in zip(order, starts, strict=True) if not start.is_busy)
    last = await start(heard, *arrivals)
    assert [each.starts for each in last] == [by_event[each.event_id] + 1 for each in arrivals]


async def test_an_event_that_a_worker_is_at_is_busy_for_the_others_and_nothing_is_counted(heard: Sessions) -> None:
    event_id, other = uuid4(), uuid4()
    await start(heard, arrival(event_id))
    async with heard() as working:
        await inbox.claim(working, [event_id])
        async with asyncio.timeout(2.5):
            assert [each.is_busy for each in await start(heard, arrival(event_id), arrival(other))] == [True, False]
            assert not await claim(heard, event_id)
            async with transaction(heard, REGION) as session:
                await inbox.uncount_starts(session, [event_id])
    assert [each.starts for each in await start(heard, arrival(event_id))] == [2]


async def test_what_is_given_back_is_free_again(heard: Sessions) -> None:
    first, second = uuid4(), uuid4()
    await start(heard, arrival(first), arrival(second))
    async with transaction(heard, REGION) as session:
        await inbox.claim(session, [first, second])
        await inbox.unclaim(session, [second])
    assert (await claim(heard, first), await claim(heard, second)) == (False, True)
