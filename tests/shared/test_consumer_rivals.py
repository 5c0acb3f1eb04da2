"""Several workers at the same letters, and one that is interrupted: one effect, and nobody waits for another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from shared import inbox
from shared.clock import SystemClock
from shared.consumer import Desk, Handler, Handling
from shared.database import Sessions
from shared.envelope import Envelope
from shared.events.ats import OpeningReserved, StaffChanged
from shared.events.base import Event
from shared.inbox import Arrival, Start
from shared.sealing import Keyring
from shared.vocabulary import Service
from tests.mechanism import Mechanism
from tests.shared.consuming import (
    Hearing,
    deliver,
    deliver_together,
    envelope,
    failing,
    group_letter,
    leave_effect,
    waiting_alone,
)


@asynccontextmanager
async def working_elsewhere(sessions: Sessions, keys: Keyring, letter: Envelope) -> AsyncGenerator[None]:
    """Another worker has claimed the event, and stands still."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def handler(handling: Handling, event: Event) -> None:
        await leave_effect(handling, event)
        begun.set()
        await may_end.wait()

    handlers: Mapping[type[Event], Handler] = {OpeningReserved: handler, StaffChanged: handler}
    other = asyncio.create_task(Desk(Service.CLEARING, handlers, sessions, SystemClock(), keys).work([letter]))
    await begun.wait()
    try:
        yield
    finally:
        may_end.set()
        await other


@pytest.fixture
async def stands_still(
    mechanism: Mechanism, hearing: Hearing, heard: Sessions, keys: Keyring
) -> AsyncGenerator[Envelope]:
    """A letter that another worker works on and does not finish."""
    letter = group_letter()
    mechanism.query(
        "INSERT INTO clearing.inbox (event_id, producer, name, starts) VALUES (%s, 'ats', %s, 1)",
        letter.event_id,
        letter.name,
    )
    async with working_elsewhere(heard, keys, letter):
        yield letter


async def test_copies_delivered_at_the_same_time_to_several_workers_have_one_effect(
    hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letters = [envelope(attempt=attempt) for attempt in (1, 2) for _ in range(5)]
    workers = [hearing({OpeningReserved: leave_effect}) for _ in range(3)]
    deliveries = [(worker, letter) for worker in workers for letter in letters] * 2
    random.shuffle(deliveries)
    await asyncio.gather(*(deliver(worker, letter, keys) for worker, letter in deliveries))
    assert sorted(effects()) == sorted(letter.event_id for letter in letters)


async def test_a_duplicate_of_what_another_worker_is_at_holds_nobody_up(
    mechanism: Mechanism,
    hearing: Hearing,
    keys: Keyring,
    stands_still: Envelope,
    effects: Callable[[], list[UUID]],
) -> None:
    """They are counted in one statement; lock_timeout is five seconds."""
    strangers = [envelope() for _ in range(10)]
    consumer = hearing({OpeningReserved: leave_effect, StaffChanged: leave_effect})
    again = [stands_still.model_copy(update={"attempt": attempt}) for attempt in (1, 2)]
    async with asyncio.timeout(2.5):
        pauses = await asyncio.gather(*(deliver(consumer, each, keys) for each in [again[0], *strangers]))
        assert pauses[0] is not None
        assert pauses[1:] == [None] * 10
        assert await deliver(consumer, again[1], keys) is not None
    assert sorted(effects()) == sorted(each.event_id for each in strangers)
    query = "SELECT starts, duplicates FROM clearing.inbox WHERE event_id = %s"
    assert mechanism.query(query, stands_still.event_id) == [(1, 0)]


async def test_a_group_is_not_held_up_by_one_that_another_worker_is_at(
    parts, hearing: Hearing, keys: Keyring, stands_still: Envelope, effects: Callable[[], list[UUID]]
) -> None:
    others = [group_letter() for _ in range(5)]
    async with asyncio.timeout(2.5):
        await deliver_together(hearing({StaffChanged: leave_effect}), [stands_still, *others], keys)
    assert sorted(effects()) == sorted(each.event_id for each in others)
    assert waiting_alone(parts) == {f"{stands_still.event_id}:clearing:0.1:alone"}


async def test_a_worker_that_was_stopped_while_it_counted_holds_up_nobody_but_its_own(
    heard: Sessions, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letter, strangers = envelope(), [envelope() for _ in range(10)]
    consumer = hearing({OpeningReserved: leave_effect})
    async with heard() as stopped:
        await inbox.count_starts(stopped, [Arrival(letter.event_id, "ats", letter.name, 0)])
        async with asyncio.timeout(2.5):
            pauses = await asyncio.gather(*(deliver(consumer, each, keys) for each in [*strangers, letter]))
        assert (pauses[:10], pauses[10] is not None) == ([None] * 10, True)
    assert sorted(effects()) == sorted(each.event_id for each in strangers)


async def test_an_interruption_while_a_start_is_counted_takes_it_back(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting, may_count, count = asyncio.Event(), asyncio.Event(), inbox.count_starts

    async def slow(*arguments: Any) -> list[Start]:
        counting.set()
        await may_count.wait()
        return await count(*arguments)

    monkeypatch.setattr(inbox, "count_starts", slow)
    consumer = hearing({OpeningReserved: leave_effect, StaffChanged: leave_effect})
    for letters in ([envelope()], [group_letter(), group_letter()]):
        counting.clear()
        may_count.clear()
        running = asyncio.create_task(deliver_together(consumer, letters, keys))
        await counting.wait()
        for _ in range(3):
            running.cancel()
            await asyncio.sleep(0)
        may_count.set()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert mechanism.query("SELECT starts, processed_at FROM clearing.inbox") == [(0, None)] * 3


async def test_a_start_that_could_not_be_taken_back_is_taken_back_before_the_next(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = envelope()
    consumer = hearing({OpeningReserved: failing(ConnectionResetError(), times=1000)})

    async def away(*_: Any, **__: Any) -> None:
        raise ConnectionResetError

    for tries in range(1, 9):
        with monkeypatch.context() as patched:
            if tries % 2:
                patched.setattr(inbox, "uncount_starts", away)
            await deliver(consumer, letter, keys, tries=tries)
    assert mechanism.scalar("SELECT starts FROM clearing.inbox") == 0
