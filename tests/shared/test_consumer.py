"""One delivery after another, whatever happens in the handler: exactly one effect, and an answer when there is one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from shared.clock import SystemClock
from shared.consumer import Consumer, Desk, Handling
from shared.database import create_engine, sessions_of
from shared.errors import TransientFailure
from shared.events.ats import OpeningReserved, StaffChanged
from shared.events.base import Event
from shared.inbox import Parked
from shared.queue import Queue
from shared.sealing import Keyring
from shared.vocabulary import Service
from tests.factories.events import ADA, NOON, opening_reserved, staff_changed
from tests.mechanism import Mechanism
from tests.shared.consuming import (
    Answers,
    Hearing,
    deliver,
    envelope,
    failing,
    leave_effect,
)


async def test_a_handler_gets_the_fact_its_instant_and_what_was_sealed_for_it(
    hearing: Hearing, keys: Keyring, answers: Answers
) -> None:
    seen: list[tuple[Handling, StaffChanged]] = []

    async def handler(handling: Handling, event: StaffChanged) -> None:
        seen.append((handling, event))

    fact, event_id = staff_changed(version=4), uuid4()
    token = keys.seal(ADA, subscriber=Service.CLEARING, event_id=event_id)
    await deliver(hearing({StaffChanged: handler}), envelope(fact, event_id=event_id, sealed=token), keys)
    [(handling, event)] = seen
    assert (event, handling.event_id, handling.occurred_at, handling.sealed) == (fact, event_id, NOON, ADA)
    assert "Canary" not in repr(handling)
    assert answers.given == [(event_id, None)]


async def test_a_duplicate_is_answered_again_and_has_no_second_effect(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = envelope()
    consumer = hearing({OpeningReserved: leave_effect})
    for attempt in (1, 2, 3):
        await deliver(consumer, letter.model_copy(update={"attempt": attempt}), keys)
    assert effects() == [letter.event_id]
    assert answers.given == [(letter.event_id, None)] * 3


@pytest.mark.parametrize("change", ["payload", "subscriber", "unsigned", "not an envelope"])
async def test_a_forged_job_has_no_effect_and_no_answer(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]], change: str
) -> None:
    signed: dict[str, Any] = envelope().signed_with(keys)
    match change:
        case "payload":
            signed["body"]["payload"]["opening_no"] = 9
        case "subscriber":
            signed = envelope(subscriber=Service.NOTIFICATIONS).signed_with(keys)
        case "unsigned":
            del signed["mac"]
        case _:
            signed = {"hello": "world"}
    await hearing({OpeningReserved: leave_effect}).deliver({"letters": [signed]}, 1)
    assert effects() == []
    assert answers.given == []


async def test_a_failure_is_tried_five_times_and_then_refused_with_the_kind_of_error_alone(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = envelope()
    consumer = hearing({OpeningReserved: failing(RuntimeError("Ada Canary lives here"))})
    with capture_logs() as logs:
        pauses = [await deliver(consumer, letter, keys, tries=tries) for tries in range(1, 6)]
    assert [pause is not None for pause in pauses] == [True] * 4 + [False]
    assert pauses[:4] == sorted(pauses[:4], key=lambda pause: pause or 0)
    assert answers.given == [(letter.event_id, "RuntimeError")]
    assert effects() == []
    assert "Canary" not in str(logs) + str(mechanism.query("SELECT * FROM clearing.inbox"))
    assert logs[0]["place"] != "unknown"


async def test_a_dead_event_is_refused_again_without_running_until_it_is_redriven(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = envelope()
    consumer = hearing({OpeningReserved: failing(RuntimeError(), times=5)})
    for tries in range(1, 6):
        await deliver(consumer, letter, keys, tries=tries)
    await deliver(consumer, letter.model_copy(update={"attempt": 7}), keys)
    assert answers.given == [(letter.event_id, "RuntimeError")] * 2
    await deliver(consumer, letter.model_copy(update={"redrives": 1}), keys)
    assert answers.given[2:] == [(letter.event_id, None)]
    assert effects() == [letter.event_id]


async def test_the_sixth_start_of_one_that_ends_its_worker_is_refused_before_it_runs(
    hearing: Hearing, keys: Keyring, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts are committed before the work, so the death of a process does not take them back."""
    letter = envelope()
    started = asyncio.Event()

    async def ends_its_worker(_handling: Handling, _event: Event) -> None:
        started.set()
        await asyncio.Event().wait()

    for attempt in range(1, 6):
        worker = hearing({OpeningReserved: ends_its_worker})
        monkeypatch.setattr(worker, "_take_back", _never)  # a dead process takes no start back
        started.clear()
        running = asyncio.create_task(deliver(worker, letter.model_copy(update={"attempt": attempt}), keys))
        await started.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert answers.given == []
    worker = hearing({OpeningReserved: leave_effect})
    await deliver(worker, letter.model_copy(update={"attempt": 6}), keys)
    assert answers.given == [(letter.event_id, "ended_its_worker")]


async def _never(*_: Any, **__: Any) -> None:
    """What a process that was killed does."""


async def test_suspects_run_one_at_a_time_so_that_bystanders_are_not_blamed(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring
) -> None:
    first, second, stranger = (envelope(attempt=2) for _ in range(3))
    for suspect in (first, second):
        mechanism.query(
            "INSERT INTO clearing.inbox (event_id, producer, name, starts) VALUES (%s, 'ats', %s, 1)",
            suspect.event_id,
            suspect.name,
        )
    running, may_end = asyncio.Event(), asyncio.Event()

    async def handler(handling: Handling, _event: Event) -> None:
        if handling.event_id == first.event_id:
            running.set()
            await may_end.wait()

    consumer = hearing({OpeningReserved: handler})
    slow = asyncio.create_task(deliver(consumer, first, keys))
    await running.wait()
    assert await deliver(consumer, second, keys) is not None
    assert await deliver(consumer, stranger, keys) is None
    starts = dict(mechanism.query("SELECT event_id, starts FROM clearing.inbox"))
    assert starts == {first.event_id: 2, second.event_id: 1, stranger.event_id: 1}
    may_end.set()
    assert await slow is None
    assert await deliver(consumer, second, keys) is None


async def test_a_parked_event_waits_without_counting_however_often(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = envelope()
    consumer = hearing({OpeningReserved: failing(Parked("vacancy_unknown"), times=12)})
    pauses = [await deliver(consumer, letter, keys, tries=tries) or 0 for tries in range(1, 13)]
    assert all(pauses)
    assert max(pauses) <= 75
    assert mechanism.query("SELECT starts, parked_reason FROM clearing.inbox") == [(0, "vacancy_unknown")]
    assert await deliver(consumer, letter, keys, tries=13) is None
    assert effects() == [letter.event_id]
    assert answers.given == [(letter.event_id, None)]
    assert mechanism.query("SELECT starts, parked_reason FROM clearing.inbox") == [(1, None)]


@pytest.mark.parametrize(
    "error",
    [
        TransientFailure("mail server away"),
        ConnectionResetError(),
        OperationalError("select 1", None, Exception("server closed the connection unexpectedly")),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_part_that_was_away_counts_against_nobody(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, error: Exception
) -> None:
    letter = envelope()
    consumer = hearing({OpeningReserved: failing(error, times=8)})
    for tries in range(1, 9):
        assert await deliver(consumer, letter, keys, tries=tries) is not None
    assert mechanism.scalar("SELECT starts FROM clearing.inbox") == 0
    assert await deliver(consumer, letter, keys, tries=9) is None
    assert answers.given == [(letter.event_id, None)]


async def test_a_lock_that_is_held_too_long_is_tried_again_and_a_broken_rule_is_a_failure(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring
) -> None:
    async def meets_a_lock(handling: Handling, _event: Event) -> None:
        await handling.session.execute(text("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$"))

    async def breaks_a_rule(handling: Handling, _event: Event) -> None:
        await handling.session.execute(text("INSERT INTO clearing.effects VALUES (NULL)"))

    for handler, starts in ((meets_a_lock, 0), (breaks_a_rule, 1)):
        letter = envelope()
        assert await deliver(hearing({OpeningReserved: handler}), letter, keys) is not None
        found = mechanism.scalar("SELECT starts FROM clearing.inbox WHERE event_id = %s", letter.event_id)
        assert found == starts


async def test_an_interrupted_start_is_taken_back_and_has_no_effect(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    started = asyncio.Event()

    async def handler(handling: Handling, event: Event) -> None:
        await leave_effect(handling, event)
        started.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(deliver(hearing({OpeningReserved: handler}), envelope(), keys))
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert effects() == []
    assert mechanism.query("SELECT starts, processed_at FROM clearing.inbox") == [(0, None)]


async def test_an_event_that_this_worker_is_too_old_for_waits(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers
) -> None:
    consumer = hearing({})
    for letter in (envelope(), envelope(name="ats.invented_tomorrow.v1")):
        assert await deliver(consumer, letter, keys) is not None
    assert answers.given == []
    assert mechanism.query("SELECT DISTINCT starts, parked_reason FROM clearing.inbox") == [(0, "unknown_event")]


async def test_a_payload_of_another_shape_is_refused_by_naming_the_member(
    hearing: Hearing, keys: Keyring, answers: Answers
) -> None:
    letter = envelope(payload={"vacancy_id": "Ada Canary"})
    for tries in range(1, 6):
        await deliver(hearing({OpeningReserved: leave_effect}), letter, keys, tries=tries)
    [(_, reason)] = answers.given
    assert reason is not None
    assert reason.startswith("ValidationError:")
    assert "Canary" not in reason


async def test_members_of_tomorrow_are_ignored(
    hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    fact = opening_reserved()
    letter = envelope(fact, payload=fact.model_dump(mode="json") | {"invented_tomorrow": 1})
    await deliver(hearing({OpeningReserved: leave_effect}), letter, keys)
    assert effects() == [letter.event_id]


async def test_while_the_database_is_away_a_delivery_waits(keys: Keyring, queue: Queue, answers: Answers) -> None:
    nowhere = sessions_of(create_engine("postgresql://a:b@127.0.0.1:1/c", schema="clearing"))
    desk = Desk(Service.CLEARING, {OpeningReserved: leave_effect}, nowhere, SystemClock(), keys)
    consumer = Consumer(desk, queue, answers)
    assert await deliver(consumer, envelope(), keys) is not None
    assert answers.given == []


async def test_what_was_told_longer_ago_than_the_inbox_reaches_back_is_left_to_a_human(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = envelope(recorded_at=datetime.now(UTC) - timedelta(days=399))
    consumer = hearing({OpeningReserved: leave_effect})
    await deliver(consumer, letter, keys)
    assert (effects(), answers.given) == ([], [(letter.event_id, "told_too_long_ago")])
    await deliver(consumer, letter.model_copy(update={"redrives": 1}), keys)
    assert effects() == [letter.event_id]
