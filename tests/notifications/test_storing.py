"""A fact becomes one delivery a person and channel, however often it comes, and is forgotten in time."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.channels.answers import Answer, AnswerClass
from services.notifications.deliveries import commands, handing_over, rules
from services.notifications.deliveries.handing_over import Claimed, Report, claim_deliveries, record_answers
from services.notifications.deliveries.models import Delivery, DeliveryAttempt
from services.notifications.deliveries.queries import count_due
from services.notifications.deliveries.states import DeliveryState
from services.notifications.handlers import HANDLERS
from services.notifications.messages.catalogue import CATALOGUE, AnyKind
from shared.consumer import Handling
from shared.database import transaction
from shared.events.applications import ApplicationReceived, ApplicationRejectionUndone
from shared.registry import list_employers
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.conftest import TODAY, Services
from tests.factories import notifications as make


async def stored(session: AsyncSession) -> list[Delivery]:
    session.expire_all()
    return list(await session.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.kind)))


async def the_delivery(session: AsyncSession) -> Delivery:
    (delivery,) = await stored(session)
    return delivery


def report(claimed: Claimed, answer: AnswerClass, *, after: timedelta = timedelta()) -> Report:
    at = claimed.started_at + after
    return Report(claimed.id, claimed.attempt_no, Answer(answer), claimed.started_at, at, jitter=0.0)


async def claim_one(session: AsyncSession, at: datetime = TODAY) -> Claimed:
    (claimed,) = await claim_deliveries(session, 10, now=at)
    return claimed


# One that takes another message back has something to tell only where that was sent: `test_taking_back` has it.
STORED_AT_ONCE = [kind for kind in CATALOGUE if kind.event is not ApplicationRejectionUndone]


@pytest.mark.parametrize("kind", STORED_AT_ONCE, ids=[kind.key for kind in STORED_AT_ONCE])
async def test_every_event_is_handled_by_storing_its_delivery(
    notifications_session: AsyncSession, kind: AnyKind
) -> None:
    event, contact = make.event_and_contact(kind)
    handling = Handling(notifications_session, TODAY, uuid4(), make.OCCURRED, contact)
    await HANDLERS[kind.event](handling, event)
    delivery = await the_delivery(notifications_session)
    assert (delivery.kind, delivery.state, delivery.event_id) == (kind.key, DeliveryState.CREATED, handling.event_id)
    assert set(delivery.employer_ids) == event.readers
    assert delivery.occurred_at == make.OCCURRED
    assert delivery.created_at == TODAY


async def test_a_redelivered_event_changes_nothing(notifications_session: AsyncSession) -> None:
    fact = make.fact("offer_made")
    assert await commands.store_deliveries(notifications_session, fact, now=TODAY) == 1
    assert await commands.store_deliveries(notifications_session, fact, now=TODAY + timedelta(hours=1)) == 0
    assert (await the_delivery(notifications_session)).created_at == TODAY


async def test_deliveries_are_counted_when_they_are_committed(world: Services) -> None:
    sessions, fact = world.sessions[Service.NOTIFICATIONS], make.fact("offer_made")
    labels = {"kind": "offer_made", "state": DeliveryState.CREATED}

    def counted() -> float:
        return REGISTRY.get_sample_value("notifications_deliveries_total", labels) or 0.0

    before = counted()
    with suppress(ConnectionResetError):
        async with transaction(sessions, REGION) as session:
            await commands.store_deliveries(session, fact, now=TODAY)
            raise ConnectionResetError
    assert counted() == before
    async with transaction(sessions, REGION) as session:
        await commands.store_deliveries(session, fact, now=TODAY)
        assert counted() == before
    assert counted() == before + 1


async def test_two_facts_about_one_person_are_two_messages_to_one_recipient(
    notifications_session: AsyncSession,
) -> None:
    for kind in ("application_received", "interview_invited"):
        fact = make.fact(
            kind, email="Amina.Khan@mail.example" if kind == "interview_invited" else "amina.khan@mail.example"
        )
        await commands.store_deliveries(notifications_session, fact, now=TODAY)
    first, second = await stored(notifications_session)
    assert first.recipient_id == second.recipient_id


async def test_the_employer_is_named_as_people_know_it(notifications_session: AsyncSession) -> None:
    employer = (await list_employers(notifications_session))[0]
    await commands.store_deliveries(notifications_session, make.fact(employer_id=employer.id), now=TODAY)
    contents = (await the_delivery(notifications_session)).contents
    assert contents is not None
    assert contents["variables"]["employer"] == employer.title


async def test_an_employer_that_is_not_known_yet_keeps_nobody_waiting(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact(employer_id=uuid4()), now=TODAY)
    contents = (await the_delivery(notifications_session)).contents
    assert contents is not None
    assert contents["variables"]["employer"] == "the council"


async def test_an_event_without_its_contact_is_refused(notifications_session: AsyncSession) -> None:
    event, _ = make.event_and_contact("application_received")
    with pytest.raises(TypeError, match="comes with the contact"):
        await HANDLERS[ApplicationReceived](Handling(notifications_session, TODAY, uuid4(), TODAY), event)


async def test_the_most_urgent_goes_first_then_the_oldest(notifications_session: AsyncSession) -> None:
    minutes = iter(range(10))
    for kind in ("referred", "match_suggested", "sign_in_link", "offer_made"):
        now = TODAY + timedelta(minutes=next(minutes))
        await commands.store_deliveries(notifications_session, make.fact(kind), now=now)
    order = []
    for _ in range(4):
        (claimed,) = await claim_deliveries(notifications_session, 1, now=TODAY + timedelta(hours=1))
        order.append(claimed.kind)
    assert order == ["sign_in_link", "match_suggested", "offer_made", "referred"]


async def test_a_claimed_delivery_is_nobody_elses(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    assert (await claim_one(notifications_session)).attempt_no == 1
    assert await claim_deliveries(notifications_session, 10, now=TODAY) == []
    assert await count_due(notifications_session, TODAY) == 1


async def test_an_accepted_message_is_sent_and_its_link_forgotten(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact("match_suggested"), now=TODAY)
    claimed = await claim_one(notifications_session)
    later = timedelta(seconds=2)
    assert await record_answers(notifications_session, [report(claimed, AnswerClass.ACCEPTED, after=later)]) == [True]
    delivery = await the_delivery(notifications_session)
    assert (delivery.state, delivery.handed_over_at, delivery.ended_at) == (
        DeliveryState.SENT,
        TODAY + later,
        TODAY + later,
    )
    assert delivery.contents is not None
    assert "link" not in delivery.contents["variables"]
    assert delivery.contents["address"] == "amina.khan@mail.example"
    assert await count_due(notifications_session, TODAY) == 0


async def test_a_deferred_message_waits_its_turn_and_keeps_its_link(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact("match_suggested"), now=TODAY)
    claimed = await claim_one(notifications_session)
    await record_answers(notifications_session, [report(claimed, AnswerClass.DEFERRED)])
    delivery = await the_delivery(notifications_session)
    assert (delivery.state, delivery.last_answer) == (DeliveryState.TEMPORARY_FAILURE, AnswerClass.DEFERRED)
    assert delivery.due_at == TODAY + rules.retry_wait(1, 0.0)
    assert delivery.contents is not None
    assert delivery.contents["variables"]["link"] == make.LINK
    assert await claim_deliveries(notifications_session, 10, now=TODAY) == []
    assert await count_due(notifications_session, TODAY) == 0
    again = await claim_one(notifications_session, TODAY + rules.FIRST_RETRY)
    assert again.attempt_no == 2


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (AnswerClass.REFUSED, DeliveryState.PERMANENT_FAILURE),
        (AnswerClass.ADDRESS_UNUSABLE, DeliveryState.PERMANENT_FAILURE),
        (AnswerClass.UNSENDABLE, DeliveryState.TECHNICAL_FAILURE),
    ],
)
async def test_a_final_answer_ends_it(
    notifications_session: AsyncSession, answer: AnswerClass, state: DeliveryState
) -> None:
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    await record_answers(notifications_session, [report(await claim_one(notifications_session), answer)])
    delivery = await the_delivery(notifications_session)
    assert (delivery.state, delivery.ended_at, delivery.handed_over_at) == (state, TODAY, None)
    assert await claim_deliveries(notifications_session, 10, now=TODAY + timedelta(days=2)) == []


async def test_attempts_are_kept_in_order_and_cannot_be_changed(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    first = await claim_one(notifications_session)
    await record_answers(notifications_session, [report(first, AnswerClass.DEFERRED)])
    second = await claim_one(notifications_session, TODAY + rules.FIRST_RETRY)
    await record_answers(notifications_session, [report(second, AnswerClass.ACCEPTED)])
    kept = (await notifications_session.scalars(select(DeliveryAttempt).order_by(DeliveryAttempt.attempt_no))).all()
    assert [(each.attempt_no, each.answer) for each in kept] == [
        (1, AnswerClass.DEFERRED),
        (2, AnswerClass.ACCEPTED),
    ]
    kept[0].answer = AnswerClass.ACCEPTED
    with pytest.raises(DBAPIError, match="append-only"):
        await notifications_session.flush()


async def test_an_attempt_whose_worker_died_is_lost_and_tried_again(
    notifications_session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "LEASE", timedelta(seconds=-1))
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    dead = await claim_one(notifications_session)
    assert await handing_over.recover_lost(notifications_session, now=TODAY) == 1
    again = await claim_one(notifications_session)
    assert (again.id, again.attempt_no) == (dead.id, 2)
    # The dead one was only slow: what it says now counts no more.
    assert await record_answers(notifications_session, [report(dead, AnswerClass.REFUSED)]) == [False]
    assert (await the_delivery(notifications_session)).state is DeliveryState.SENDING
    kept = (await notifications_session.scalars(select(DeliveryAttempt))).all()
    assert [(each.attempt_no, each.answer) for each in kept] == [(1, AnswerClass.LOST)]


async def test_a_living_worker_keeps_its_lease(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    await claim_one(notifications_session)
    assert await handing_over.recover_lost(notifications_session, now=TODAY + timedelta(days=1)) == 0


async def test_several_answers_are_recorded_at_once_each_on_its_own(notifications_session: AsyncSession) -> None:
    for _ in range(3):
        await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    claimed = await claim_deliveries(notifications_session, 10, now=TODAY)
    answers = (AnswerClass.ACCEPTED, AnswerClass.DEFERRED, AnswerClass.REFUSED)
    reports = [report(each, answer) for each, answer in zip(claimed, answers, strict=True)]
    stranger = Report(UUID(int=1), 1, Answer(AnswerClass.ACCEPTED), TODAY, TODAY, 0.0)
    assert await record_answers(notifications_session, [*reports, stranger]) == [True, True, True, False]
    states = {each.id: each.state for each in await stored(notifications_session)}
    assert [states[each.id] for each in claimed] == [
        DeliveryState.SENT,
        DeliveryState.TEMPORARY_FAILURE,
        DeliveryState.PERMANENT_FAILURE,
    ]


async def test_a_sign_in_link_that_cannot_arrive_in_time_is_not_sent_late(
    notifications_session: AsyncSession,
) -> None:
    expires_at = TODAY + timedelta(minutes=15)
    await commands.store_deliveries(notifications_session, make.fact("sign_in_link", expires_at=expires_at), now=TODAY)
    assert await claim_deliveries(notifications_session, 10, now=expires_at) == []
    assert await commands.expire_deliveries(notifications_session, expires_at + timedelta(hours=1)) == 1
    assert await commands.expire_deliveries(notifications_session, expires_at + timedelta(hours=1)) == 0
    delivery = await the_delivery(notifications_session)
    assert (delivery.state, delivery.ended_at) == (DeliveryState.EXPIRED, expires_at)
    assert delivery.contents is not None
    assert "link" not in delivery.contents["variables"]


async def test_an_overtaken_reminder_is_stored_and_never_sent(notifications_session: AsyncSession) -> None:
    fact = make.fact("trial_reminder", occurred_at=TODAY - timedelta(days=6))
    await commands.store_deliveries(notifications_session, fact, now=TODAY)
    assert await claim_deliveries(notifications_session, 10, now=TODAY) == []
    assert await commands.expire_deliveries(notifications_session, TODAY) == 1
    delivery = await the_delivery(notifications_session)
    assert (delivery.state, delivery.ended_at) == (DeliveryState.EXPIRED, TODAY)


async def test_ninety_days_after_it_ended_nothing_personal_is_left(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    recipient = (await the_delivery(notifications_session)).recipient_id
    await record_answers(notifications_session, [report(await claim_one(notifications_session), AnswerClass.ACCEPTED)])
    assert await commands.wipe_deliveries(notifications_session, TODAY + timedelta(days=89)) == 0
    assert await commands.wipe_deliveries(notifications_session, TODAY + timedelta(days=90)) == 1
    assert await commands.wipe_deliveries(notifications_session, TODAY + timedelta(days=90)) == 0
    delivery = await the_delivery(notifications_session)
    assert delivery.contents is None
    assert delivery.recipient_id != recipient
    assert delivery.state is DeliveryState.SENT


async def test_what_still_waits_is_never_wiped(notifications_session: AsyncSession) -> None:
    await commands.store_deliveries(notifications_session, make.fact(), now=TODAY)
    assert await commands.wipe_deliveries(notifications_session, TODAY + timedelta(days=400)) == 0
