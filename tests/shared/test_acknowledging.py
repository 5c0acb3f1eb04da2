"""Answers at the producer: done, dead, redriven, pruned."""

from __future__ import annotations

from uuid import UUID

import pytest

from shared.acknowledging import AnswerBook, apply_answers, prune_outbox
from shared.answering import Answering
from shared.clock import SystemClock
from shared.database import Sessions, transaction
from shared.dead_letters import DeadLetterNotFound, LetterNotDead, redrive
from shared.envelope import Answer, Answers
from shared.event_figures import event_figures
from shared.outbox import record
from shared.queue import Queue
from shared.sealing import Keyring
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.factories.events import FOR_BOTH, NOON, opening_reserved, staff_changed
from tests.mechanism import Mechanism


async def tell(sessions: Sessions) -> UUID:
    async with transaction(sessions, REGION) as session:
        return await record(session, opening_reserved(), now=NOON)


async def answer(sessions: Sessions, event_id: UUID, dead_reason: str | None = None, redrives: int = 0) -> None:
    async with transaction(sessions, REGION) as session:
        given = Answer(event_id=event_id, redrives=redrives, dead_reason=dead_reason)
        await apply_answers(session, Service.CLEARING, [given])


async def send_again(sessions: Sessions, event_id: UUID) -> None:
    async with transaction(sessions, REGION) as session:
        await redrive(session, event_id, Service.CLEARING)


def state_of(mechanism: Mechanism, event_id: UUID) -> str:
    return mechanism.scalar(
        "SELECT CASE WHEN acknowledged_at IS NOT NULL THEN 'done' WHEN dead_at IS NOT NULL THEN 'dead'"
        " ELSE 'open' END FROM ats.outbox WHERE event_id = %s AND subscriber = 'clearing'",
        event_id,
    )


async def test_what_was_sealed_is_wiped_for_the_one_who_answered(mechanism: Mechanism, told: Sessions) -> None:
    async with transaction(told, REGION) as session:
        event_id = await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
    await answer(told, event_id)
    assert mechanism.query("SELECT subscriber, sealed IS NULL FROM ats.outbox ORDER BY 1") == [
        ("clearing", True),
        ("notifications", False),
    ]


async def test_a_dead_letter_keeps_what_was_sealed_for_its_redrive(mechanism: Mechanism, told: Sessions) -> None:
    async with transaction(told, REGION) as session:
        event_id = await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
    await answer(told, event_id, "RuntimeError")
    assert mechanism.scalar("SELECT count(sealed) FROM ats.outbox") == 2


async def test_a_late_success_wins_over_a_refusal(mechanism: Mechanism, told: Sessions) -> None:
    event_id = await tell(told)
    await answer(told, event_id, "RuntimeError")
    await answer(told, event_id)
    await answer(told, event_id, "RuntimeError")
    assert state_of(mechanism, event_id) == "done"


async def test_a_refusal_from_before_a_redrive_is_out_of_date(mechanism: Mechanism, told: Sessions) -> None:
    event_id = await tell(told)
    await answer(told, event_id, "RuntimeError")
    await send_again(told, event_id)
    await answer(told, event_id, "RuntimeError", redrives=0)
    assert state_of(mechanism, event_id) == "open"
    await answer(told, event_id, "RuntimeError", redrives=1)
    assert state_of(mechanism, event_id) == "dead"


async def test_only_a_dead_letter_is_redriven(told: Sessions) -> None:
    event_id = await tell(told)
    with pytest.raises(LetterNotDead):
        await send_again(told, event_id)
    async with transaction(told, REGION) as session:
        with pytest.raises(DeadLetterNotFound):
            await redrive(session, event_id, Service.NOTIFICATIONS)


async def test_answers_travel_through_the_producers_own_queue_and_are_believed_when_signed(
    parts, mechanism: Mechanism, told: Sessions, queue: Queue, keys: Keyring
) -> None:
    event_ids = [await tell(told) for _ in range(3)]
    answering = Answering(Service.CLEARING, queue, keys)
    for event_id in event_ids:
        answering.add(Service.ATS, Answer(event_id=event_id, redrives=0))
    await answering.close()
    assert await queue.backlogs([Service.ATS]) == [1]
    book = AnswerBook(Service.ATS, told, keys)
    forger = Keyring({"k1": b"0" * 32}, {}, b"")
    answers = tuple(Answer(event_id=event_id, redrives=0) for event_id in event_ids)
    told_by_clearing = Answers(producer=Service.ATS, subscriber=Service.CLEARING, answers=answers)
    await book.take(told_by_clearing.signed_with(forger), 1)
    assert [state_of(mechanism, each) for each in event_ids] == ["open"] * 3
    await book.take(told_by_clearing.signed_with(keys), 1)
    assert [state_of(mechanism, each) for each in event_ids] == ["done"] * 3


async def test_an_answer_that_does_not_get_through_is_dropped_quietly(keys: Keyring) -> None:
    away = Queue("redis://127.0.0.1:1/0")
    answering = Answering(Service.CLEARING, away, keys)
    answering.add(Service.ATS, Answer(event_id=UUID(int=1), redrives=0))
    await answering.close()
    await away.close()


async def test_answered_letters_are_forgotten_after_fourteen_days_and_others_never(
    mechanism: Mechanism, told: Sessions
) -> None:
    old, recent, dead, waiting = [await tell(told) for _ in range(4)]
    await answer(told, old)
    await answer(told, recent)
    await answer(told, dead, "RuntimeError")
    mechanism.query(
        "UPDATE ats.outbox SET acknowledged_at = acknowledged_at - CASE WHEN event_id = %s"
        " THEN interval '14 days 1 second' ELSE interval '13 days' END, dead_at = dead_at - interval '90 days',"
        " next_at = next_at - interval '90 days'",
        old,
    )
    async with transaction(told, REGION) as session:
        assert await prune_outbox(session, SystemClock().now()) == 1
        assert await prune_outbox(session, SystemClock().now()) == 0
    left = {row[0] for row in mechanism.query("SELECT event_id FROM ats.outbox")}
    assert left == {recent, dead, waiting}
    assert mechanism.scalar("SELECT count(*) FROM ats.events") == 4


async def test_figures_count_what_is_told_answered_dead_and_waiting(mechanism: Mechanism, told: Sessions) -> None:
    done, dead, _ = [await tell(told) for _ in range(3)]
    mechanism.query("UPDATE ats.outbox SET attempts = 3, sent_at = clock_timestamp()")
    await answer(told, done)
    await answer(told, dead, "RuntimeError")
    async with transaction(told, REGION) as session:
        figures = await event_figures(session)
    assert (figures.recorded, figures.letters, figures.sent, figures.republished) == (3, 3, 3, 6)
    assert (figures.acknowledged, figures.unanswered, figures.dead) == (1, 1, 1)
    assert figures.oldest_unanswered_seconds > 0
