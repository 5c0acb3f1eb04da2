"""One delivery after another, whatever happens in the handler: exactly one effect, and an answer when there is one."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from shared import handling, inbox
from shared.answering import Answering
from shared.clock import SystemClock
from shared.consumer import Consumer, Desk, Handler, Handling
from shared.database import Sessions, create_engine, sessions_of
from shared.envelope import Answer, Envelope, _canonical
from shared.errors import TransientFailure
from shared.events.ats import OpeningReserved, StaffChanged
from shared.events.base import Event
from shared.inbox import Arrival, Parked, Start
from shared.logging import CORRELATION_ID
from shared.queue import Queue, TryAgain
from shared.sealing import Keyring
from shared.vocabulary import Service
from tests.factories.events import ADA, NOON, opening_reserved, staff_changed
from tests.mechanism import Mechanism

EFFECT = text("INSERT INTO clearing.effects (event_id) VALUES (:event_id)")


class Answers(Answering):
    """Keeps the answers instead of sending them."""

    def __init__(self) -> None:
        self.given: list[tuple[UUID, str | None]] = []

    def add(self, producer: Service, answer: Answer) -> None:
        assert producer is Service.ATS
        self.given.append((answer.event_id, answer.dead_reason))


@pytest.fixture
def effects(mechanism: Mechanism) -> Callable[[], list[UUID]]:
    mechanism.query(
        "CREATE TABLE IF NOT EXISTS clearing.effects (event_id uuid NOT NULL); TRUNCATE clearing.effects;"
        "GRANT ALL ON clearing.effects TO clearing_app"
    )
    return lambda: [row[0] for row in mechanism.query("SELECT event_id FROM clearing.effects")]


@pytest.fixture
def answers() -> Answers:
    return Answers()


Hearing = Callable[..., Consumer]


@pytest.fixture
def hearing(heard: Sessions, keys: Keyring, queue: Queue, answers: Answers, effects: object) -> Hearing:
    """A worker process of clearing, with these handlers."""

    def made(handlers: Mapping[type[Event], Handler]) -> Consumer:
        return Consumer(Desk(Service.CLEARING, handlers, heard, SystemClock(), keys), queue, answers)

    return made


def envelope(event: Event | None = None, **changes: Any) -> Envelope:
    fact = event or opening_reserved()
    given: dict[str, Any] = {
        "event_id": uuid4(),
        "name": fact.name,
        "kind": fact.kind,
        "producer": Service.ATS,
        "subscriber": Service.CLEARING,
        "attempt": 1,
        "redrives": 0,
        "aggregate_id": fact.aggregate_id,
        "aggregate_version": fact.aggregate_version,
        "occurred_at": NOON,
        "recorded_at": datetime.now(UTC),
        "correlation_id": None,
        "payload": fact.model_dump(mode="json"),
        "sealed": None,
    } | changes
    return Envelope(**given)


async def leave_effect(handling: Handling, _event: Event) -> None:
    await handling.session.execute(EFFECT, {"event_id": handling.event_id})


def failing(error: Exception, times: int = 1000) -> Handler:
    """Leaves its effect, then fails: the effect must not stay."""
    left = [times]

    async def handler(handling: Handling, event: Event) -> None:
        await leave_effect(handling, event)
        if left[0] > 0:
            left[0] -= 1
            raise error

    return handler


async def deliver(consumer: Consumer, letter: Envelope, keys: Keyring, tries: int = 1) -> float | None:
    """Returns after how many seconds the consumer wants the job again, if it does."""
    try:
        await consumer.deliver({"letters": [letter.signed_with(keys)]}, tries)
    except TryAgain as again:
        return again.seconds
    return None


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


async def test_copies_delivered_at_the_same_time_to_several_workers_have_one_effect(
    hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letters = [envelope(attempt=attempt) for attempt in (1, 2) for _ in range(5)]
    workers = [hearing({OpeningReserved: leave_effect}) for _ in range(3)]
    deliveries = [(worker, letter) for worker in workers for letter in letters] * 2
    random.shuffle(deliveries)
    await asyncio.gather(*(deliver(worker, letter, keys) for worker, letter in deliveries))
    assert sorted(effects()) == sorted(letter.event_id for letter in letters)


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


def group_letter(**changes: Any) -> Envelope:
    """Of an event whose letters may share a transaction."""
    return envelope(staff_changed(), **changes)


async def deliver_together(consumer: Consumer, letters: Sequence[Envelope], keys: Keyring, tries: int = 1) -> None:
    await consumer.deliver({"letters": [each.signed_with(keys) for each in letters]}, tries)


def waiting_alone(parts) -> set[str]:
    with redis.Redis.from_url(parts.redis.url) as client:
        return {each.decode() for each in client.zrange("wme:clearing", 0, -1)}


async def deliver_what_was_parted(parts, consumer: Consumer) -> None:
    with redis.Redis.from_url(parts.redis.url) as client:
        jobs = [json.loads(client.get(f"arq:job:{each}")) for each in sorted(waiting_alone(parts))]
    for job in jobs:
        await consumer.deliver(job["a"][0], 1)


async def test_letters_of_one_job_are_done_in_one_transaction_and_answered_one_by_one(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(20)]
    sessions = set()

    async def handler(handling: Handling, event: Event) -> None:
        sessions.add(handling.session)
        await leave_effect(handling, event)

    await deliver_together(hearing({StaffChanged: handler}), letters, keys)
    assert len(sessions) == 1
    assert sorted(effects()) == sorted(each.event_id for each in letters)
    assert sorted(answers.given) == sorted((each.event_id, None) for each in letters)
    assert mechanism.query("SELECT DISTINCT starts, processed_at IS NULL FROM clearing.inbox") == [(1, False)]


async def test_one_bad_letter_parts_the_others_from_it_without_blame_or_effect(
    parts, mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(5)]
    bad = letters[2].event_id

    async def handler(handling: Handling, event: Event) -> None:
        await leave_effect(handling, event)
        if handling.event_id == bad:
            raise RuntimeError

    consumer = hearing({StaffChanged: handler})
    await deliver_together(consumer, letters, keys)
    assert (effects(), answers.given) == ([], [])
    assert mechanism.query("SELECT DISTINCT starts FROM clearing.inbox") == [(0,)]
    assert waiting_alone(parts) == {f"{each.event_id}:clearing:0.1:alone" for each in letters}
    for each in letters:
        await deliver(consumer, each, keys)
    assert len(effects()) == len(answers.given) == 4


async def test_among_letters_of_one_job_the_done_the_dead_and_the_suspect_are_told_apart(
    parts, mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    new, done, dead, suspect = (group_letter() for _ in range(4))
    consumer = hearing({StaffChanged: leave_effect})
    await deliver(consumer, done, keys)
    for letter, starts, reason in ((dead, 5, "RuntimeError"), (suspect, 1, None)):
        mechanism.query(
            "INSERT INTO clearing.inbox (event_id, producer, name, starts, dead_reason) VALUES (%s, 'ats', %s, %s, %s)",
            letter.event_id,
            letter.name,
            starts,
            reason,
        )
    answers.given.clear()
    await deliver_together(consumer, [new, done, dead, suspect], keys)
    assert sorted(effects()) == sorted([done.event_id, new.event_id])
    assert sorted(answers.given) == sorted(
        [(done.event_id, None), (dead.event_id, "RuntimeError"), (new.event_id, None)], key=lambda given: given[0]
    )
    assert waiting_alone(parts) == {f"{suspect.event_id}:clearing:0.1:alone"}
    assert mechanism.scalar("SELECT starts FROM clearing.inbox WHERE event_id = %s", suspect.event_id) == 1


async def test_a_job_of_many_letters_that_was_begun_before_parts_them_at_once(
    parts, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(3)]
    await deliver_together(hearing({StaffChanged: leave_effect}), letters, keys, tries=2)
    assert effects() == []
    assert waiting_alone(parts) == {f"{each.event_id}:clearing:0.1:alone" for each in letters}


async def test_letters_whose_handler_may_lock_other_rows_never_share_a_transaction(
    parts, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letters = [envelope() for _ in range(3)]
    await deliver_together(hearing({OpeningReserved: leave_effect}), letters, keys)
    assert effects() == []
    assert waiting_alone(parts) == {f"{each.event_id}:clearing:0.1:alone" for each in letters}


async def test_a_group_that_takes_long_is_committed_again_and_again(
    parts,
    hearing: Hearing,
    keys: Keyring,
    answers: Answers,
    effects: Callable[[], list[UUID]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handling, "GROUP_SECONDS", 0.0)
    letters = [group_letter() for _ in range(4)]
    committed: list[int] = []

    async def handler(handling: Handling, event: Event) -> None:
        committed.append(len(effects()))
        await leave_effect(handling, event)

    await deliver_together(hearing({StaffChanged: handler}), letters, keys)
    assert committed == [0, 1, 2, 3]
    assert sorted(answers.given) == sorted((each.event_id, None) for each in letters)
    assert waiting_alone(parts) == set()


async def test_the_same_letter_twice_in_a_job_is_one_letter(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = group_letter()
    await deliver_together(hearing({StaffChanged: leave_effect}), [letter, letter, group_letter()], keys)
    assert (len(effects()), len(answers.given)) == (2, 2)


async def test_a_letter_is_parted_as_it_came_with_what_this_worker_does_not_know(
    parts, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    body = group_letter().model_dump(mode="json") | {"invented_tomorrow": 1}
    kid, mac = keys.sign(_canonical(body))
    letters = [{"body": body, "kid": kid, "mac": mac}, group_letter().signed_with(keys)]
    consumer = hearing({StaffChanged: leave_effect})
    await consumer.deliver({"letters": letters}, 2)
    with redis.Redis.from_url(parts.redis.url) as client:
        [held] = json.loads(client.get(f"arq:job:{body['event_id']}:clearing:0.1:alone") or b"")["a"]
    assert held == {"letters": letters[:1], "parted": True}
    await consumer.deliver(held, 1)
    assert effects() == [UUID(body["event_id"])]


async def test_of_letters_that_were_parted_the_suspects_run_one_at_a_time(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring
) -> None:
    """A worker that died with a group leaves many suspects, each at the first try of its first sending."""
    letters = [group_letter() for _ in range(5)]
    for each in letters:
        mechanism.query(
            "INSERT INTO clearing.inbox (event_id, producer, name, starts) VALUES (%s, 'ats', %s, 1)",
            each.event_id,
            each.name,
        )
    at_once, most = 0, 0

    async def handler(handling: Handling, event: Event) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await leave_effect(handling, event)
        await asyncio.sleep(0.01)
        at_once -= 1

    consumer = hearing({StaffChanged: handler})
    jobs = [consumer.deliver({"letters": [each.signed_with(keys)], "parted": True}, 1) for each in letters]
    ended = await asyncio.gather(*jobs, return_exceptions=True)
    assert most == 1
    assert any(isinstance(each, TryAgain) for each in ended)


async def test_the_correlation_of_a_letter_is_not_the_next_ones(hearing: Hearing, keys: Keyring) -> None:
    seen: dict[UUID, str | None] = {}

    async def handler(handling: Handling, _event: Event) -> None:
        seen[handling.event_id] = CORRELATION_ID.get()

    letters = [group_letter(correlation_id=each) for each in ("one", None, "three")]
    await deliver_together(hearing({StaffChanged: handler}), letters, keys)
    assert seen == {each.event_id: each.correlation_id for each in letters}
    assert CORRELATION_ID.get() is None


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


async def test_what_was_told_longer_ago_than_the_inbox_reaches_back_is_left_to_a_human(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = envelope(recorded_at=datetime.now(UTC) - timedelta(days=399))
    consumer = hearing({OpeningReserved: leave_effect})
    await deliver(consumer, letter, keys)
    assert (effects(), answers.given) == ([], [(letter.event_id, "told_too_long_ago")])
    await deliver(consumer, letter.model_copy(update={"redrives": 1}), keys)
    assert effects() == [letter.event_id]


async def test_the_same_job_of_many_letters_twice_has_one_effect_each(
    parts, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(10)]
    workers = [hearing({StaffChanged: leave_effect}) for _ in range(2)]
    await asyncio.gather(*(deliver_together(worker, letters, keys) for worker in workers * 2))
    # Two that got in each other's way both sent their letters on alone.
    await deliver_what_was_parted(parts, workers[0])
    assert sorted(effects()) == sorted(each.event_id for each in letters)
    assert set(answers.given) >= {(each.event_id, None) for each in letters}
