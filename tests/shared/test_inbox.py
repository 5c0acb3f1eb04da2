"""Starts are counted before the work; an event is claimed once."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from shared import inbox
from shared.database import Sessions, transaction
from shared.inbox import Arrival, Start
from shared.tenancy import REGION
from tests.mechanism import Mechanism


def arrival(event_id: UUID, redrives: int = 0) -> Arrival:
    return Arrival(event_id, "ats", "ats.opening_reserved.v1", redrives)


async def start(sessions: Sessions, *arrivals: Arrival) -> list[Start]:
    async with transaction(sessions, REGION) as session:
        return await inbox.count_starts(session, arrivals)


async def claim(sessions: Sessions, event_id: UUID) -> bool:
    async with transaction(sessions, REGION) as session:
        return bool(await inbox.claim(session, [event_id]))


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
        assert await inbox.claim(session, [event_id])
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


async def test_two_workers_that_count_the_same_events_do_not_lock_each_other(heard: Sessions) -> None:
    arrivals = [arrival(uuid4()) for _ in range(200)]
    await asyncio.gather(*(start(heard, *order) for order in (arrivals, arrivals[::-1], arrivals, arrivals[::-1])))
    assert [each.starts for each in await start(heard, *arrivals)] == [5] * 200
