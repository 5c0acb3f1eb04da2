"""The sender at work: real database, real receivers, the clock moved by hand."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update

from services.notifications.deliveries.models import Delivery
from services.notifications.webhooks import dispatcher, handing_over, resending, rules
from services.notifications.webhooks.handing_over import claim_messages, recover_lost
from services.notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from services.notifications.webhooks.posting import Poster
from services.notifications.webhooks.states import (
    DisabledReason,
    EndpointState,
    WebhookAnswer,
    WebhookDeliveryState,
)
from shared.database import transaction
from shared.events.base import Contact
from shared.events.notifications import WebhookDisabled
from shared.outbox import events
from shared.outward import Reach
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.conftest import TODAY
from tests.notifications.webhooks.receiver import Says, receiver
from tests.notifications.webhooks.system import System

A_MOMENT = timedelta(seconds=1)


async def test_an_independent_receiver_verifies_what_it_is_sent(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    async with system.sending():
        event_id = await system.somebody_applies()
        await system.until_tried(1)
    (taken,) = system.receiver.news
    told = taken.verified_with(made["secret"])
    assert (told["type"], taken.id, taken.path) == ("application.received", str(event_id), "/hook")
    assert abs(int(taken.headers["webhook-timestamp"]) - time.time()) < 60, "the real time, not the business clock's"
    (delivery,) = await system.deliveries()
    assert (delivery.state, delivery.ended_at) == (WebhookDeliveryState.DELIVERED, TODAY)
    read = await system.call("GET", f"/{made['id']}/deliveries/{delivery.id}")
    assert read["body"].encode() == taken.body
    assert [(each["attempt_no"], each["answer"], each["status_code"]) for each in read["history"]] == [
        (1, "accepted", 204)
    ]


async def test_the_schedule_is_lived_through_for_about_a_day_and_then_it_is_given_up(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    system.receiver.always(500)
    async with system.sending():
        await system.somebody_applies()
        for number, wait in enumerate(rules.WAITS, start=1):
            await system.until_tried(number)
            (delivery,) = await system.deliveries()
            waited = delivery.due_at - system.world.clock.now()
            assert wait * (1 - rules.JITTER) <= waited <= wait * (1 + rules.JITTER)
            # A breath before its time nothing happens; the endpoint's own pause is over long before.
            system.later(waited - A_MOMENT)
            assert await _claims(system) == 0
            system.later(A_MOMENT)
        await system.until_tried(rules.MAX_TRIES)
    (delivery,) = await system.deliveries()
    assert (delivery.state, delivery.attempts) == (WebhookDeliveryState.DEAD, rules.MAX_TRIES)
    assert timedelta(hours=20) < system.world.clock.now() - TODAY < timedelta(hours=27)
    bodies = {(each.id, each.body) for each in system.receiver.news}
    assert bodies == {(str(delivery.event_id), delivery.body.encode())}, "the same id and the same bytes each time"
    assert all(each.verified_with(made["secret"]) for each in system.receiver.news)
    listed = await system.call("GET", f"/{made['id']}/deliveries", params={"state": "dead"})
    assert [each["id"] for each in listed["items"]] == [str(delivery.id)]


class Looked(Exception):
    """Ends a transaction of which nothing is kept."""


async def _claims(system: System) -> int:
    """How many would be sent now."""
    found: Sequence[handing_over.Claimed] = ()
    with suppress(Looked):
        async with transaction(system.world.sessions[Service.NOTIFICATIONS], REGION) as session:
            found = await claim_messages(session, 10, now=system.world.clock.now())
            raise Looked
    return len(found)


async def test_a_receiver_that_asks_for_time_gets_it(live_system: System) -> None:
    system = live_system
    await system.listens()
    system.receiver.always(503, headers={"Retry-After": "7200"})
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
        (delivery,) = await system.deliveries()
        assert delivery.due_at == TODAY + timedelta(hours=2)
        assert (await system.endpoint()).held_until is None
        system.receiver.always(429, headers={"Retry-After": "600"})
        await system.somebody_applies()
        await system.until_tried(2)
    assert (await system.endpoint()).held_until == TODAY + timedelta(minutes=10), "nothing else is sent meanwhile"
    await system.somebody_applies()
    assert await _claims(system) == 0


@pytest.mark.parametrize(
    ("says", "answer", "status"),
    [
        (Says(302, headers={"Location": "http://169.254.169.254/"}), WebhookAnswer.REDIRECTED, 302),
        (Says(404), WebhookAnswer.REFUSED, 404),
        (Says(429), WebhookAnswer.THROTTLED, 429),
        (Says(hangs_up=True), WebhookAnswer.UNREACHABLE, None),
        (Says(200, endless=True), WebhookAnswer.ACCEPTED, 200),
        (Says(500, endless=True), WebhookAnswer.REFUSED, 500),
    ],
)
async def test_every_answer_is_recorded_for_what_it_is(
    live_system: System, says: Says, answer: WebhookAnswer, status: int | None
) -> None:
    system = live_system
    await system.listens()
    system.receiver.says = lambda _: says
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
    (attempt,) = await system.attempts()
    assert (attempt.answer, attempt.status_code) == (answer, status)
    assert len(system.receiver.news) == 1


async def test_neither_another_endpoint_nor_a_mail_waits_for_a_slow_one(live_system: System) -> None:
    system = live_system
    async with receiver() as slow:
        slow.always(after=30.0)
        await system.listens(url=slow.url)
        await system.listens()
        async with system.sending():
            for _ in range(12):
                await system.somebody_applies()
            began = time.monotonic()

            async def is_told() -> bool:
                return len(system.receiver.news) == 12

            await system.until(is_told, within=10)
            assert time.monotonic() - began < 10
            assert slow.most_at_once == rules.LANE, "no more at once, however many wait"
    assert len(await system.rows(Delivery)) == 12, "mails are stored, and sent by a sender of their own"


async def test_a_slow_answer_ends_at_its_limit(live_system: System) -> None:
    system = live_system
    await system.listens()
    system.receiver.always(after=30.0)
    reach = Reach(is_embedded=True, seconds=0.3)
    posted = await Poster(reach).post(_message(system))
    assert posted.answer is WebhookAnswer.TIMED_OUT


def _message(system: System) -> handing_over.Message:
    body = b'{"type": "job.ended"}'
    return handing_over.Message("id", system.receiver.url, body, ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",))


async def test_a_name_that_leads_inside_a_moment_later_is_not_called(live_system: System) -> None:
    """Rebinding between registration and sending, and between one sending and the next."""
    system = live_system
    answers: list[Sequence[str]] = [["93.184.215.14"], ["127.0.0.1"]]

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    message = handing_over.Message("id", "https://hooks.council.example/in", b"{}", ())
    poster = Poster(Reach(seconds=0.2, resolve=resolve))
    assert (await poster.post(message)).answer in {WebhookAnswer.TIMED_OUT, WebhookAnswer.UNREACHABLE}
    assert (await poster.post(message)).answer is WebhookAnswer.ADDRESS_REFUSED
    assert system.receiver.taken == []


async def test_410_switches_the_endpoint_off_at_once_and_its_owner_is_told(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    system.receiver.always(410)
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
    endpoint = await system.endpoint()
    assert (endpoint.state, endpoint.disabled_reason) == (EndpointState.DISABLED, DisabledReason.GONE)
    await _owner_is_told(system, made, "gone")


async def test_three_days_without_success_switch_it_off_and_its_owner_is_told(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    system.receiver.always(500)
    async with system.sending():
        for day in range(4):
            assert (await system.endpoint()).state is EndpointState.ENABLED, f"day {day}"
            before = len(await system.attempts())
            await system.somebody_applies()
            await system.until_tried(before + 1)
            system.later(timedelta(days=1))
    endpoint = await system.endpoint()
    assert (endpoint.state, endpoint.disabled_reason) == (EndpointState.DISABLED, DisabledReason.FAILING)
    await _owner_is_told(system, made, "failing")


async def _owner_is_told(system: System, made: dict[str, str], reason: str) -> None:
    """By an event to ourselves, which makes a mail like any other."""
    sessions = system.world.sessions[Service.NOTIFICATIONS]
    async with transaction(sessions, REGION) as session:
        (told,) = (await session.execute(events.select().where(events.c.name == WebhookDisabled.name))).all()
    event = WebhookDisabled.model_validate(told.payload)
    assert (str(event.webhook_id), event.reason, event.host) == (made["id"], reason, "127.0.0.1")
    await system.hears(event, Contact(name="Integration team", email="integration@council.example"))
    mails = [each for each in await system.rows(Delivery) if each.kind == "webhook_disabled"]
    assert [each.contents["address"] for each in mails if each.contents] == ["integration@council.example"]


async def test_one_success_and_all_is_well(live_system: System) -> None:
    system = live_system
    await system.listens()
    system.receiver.always(500)
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
        assert (await system.endpoint()).failing_since == TODAY
        system.receiver.always(204)
        system.later(timedelta(days=2))
        await system.until_tried(2)
    endpoint = await system.endpoint()
    assert (endpoint.failures, endpoint.failing_since, endpoint.held_until) == (0, None, None)


async def test_an_endpoint_that_keeps_failing_is_asked_once_in_a_while(live_system: System) -> None:
    """Five failures in a row, and the others that wait for it are left alone for a minute."""
    system = live_system
    await system.listens()
    system.receiver.always(500)
    async with system.sending():
        for _ in range(40):
            await system.somebody_applies()
        await system.until_tried(rules.FAILURES_BEFORE_HOLD)
    endpoint = await system.endpoint()
    assert endpoint.held_until == TODAY + rules.HOLD
    assert len(system.receiver.news) < 10
    assert system.receiver.most_at_once <= rules.LANE
    assert await _claims(system) == 0
    system.later(rules.HOLD)
    assert await _claims(system) == 1


async def test_several_senders_never_send_one_message_twice(live_system: System) -> None:
    system = live_system
    await system.listens()
    for _ in range(40):
        await system.somebody_applies()
    async with system.sending(workers=3):
        await system.until_tried(40)
    assert len(system.receiver.news) == len({each.id for each in system.receiver.news}) == 40


async def test_a_new_message_wakes_the_sender(live_system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "POLL_SECONDS", 3600.0)
    system = live_system
    await system.listens()
    async with system.sending():
        for number in (1, 2):
            await system.somebody_applies()
            await system.until_tried(number)


async def test_an_attempt_whose_worker_died_is_lost_and_sent_again_under_the_same_id(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "LEASE", timedelta(seconds=-1))
    await system.listens()
    await system.somebody_applies()
    async with transaction(system.world.sessions[Service.NOTIFICATIONS], REGION) as session:
        (dead,) = await claim_messages(session, 10, now=TODAY)
        assert await recover_lost(session, now=TODAY) == 1
        later = TODAY + timedelta(minutes=1)
        (again,) = await claim_messages(session, 10, now=later)
        assert (again.event_id, again.attempt_no) == (dead.event_id, 2)
        late = handing_over.Report(dead.delivery_id, 1, handing_over.Posted(WebhookAnswer.ACCEPTED), TODAY, later, 0.0)
        assert await handing_over.record_answer(session, late) is None, "the dead one was only slow: it counts no more"


async def test_a_secret_that_cannot_be_opened_holds_up_nobody_else(live_system: System) -> None:
    system = live_system
    broken = await system.listens()
    await system.listens()
    async with transaction(system.world.sessions[Service.NOTIFICATIONS], REGION) as session:
        await session.execute(
            update(WebhookEndpoint).where(WebhookEndpoint.id == broken["id"]).values(sealed_secret="none:at all")
        )
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(2)
    assert {each.answer for each in await system.attempts()} == {WebhookAnswer.ACCEPTED, WebhookAnswer.UNSENDABLE}


async def test_what_could_not_be_sent_in_time_is_given_up_at_that_instant(system: System) -> None:
    made = await system.listens()
    await system.somebody_applies()
    await system.call("POST", f"/{made['id']}/disable")
    async with transaction(system.world.sessions[Service.NOTIFICATIONS], REGION) as session:
        assert await resending.give_up_overdue(session, TODAY + rules.GIVE_UP_AFTER - A_MOMENT) == 0
        assert await resending.give_up_overdue(session, TODAY + timedelta(days=9)) == 1
    (delivery,) = await system.deliveries()
    assert (delivery.state, delivery.ended_at) == (WebhookDeliveryState.DEAD, TODAY + rules.GIVE_UP_AFTER)


async def test_thirty_days_on_what_was_told_and_sent_is_forgotten(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    await system.call("POST", f"/{made['id']}/rotate-secret")
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
    sessions = system.world.sessions[Service.NOTIFICATIONS]
    async with transaction(sessions, REGION) as session:
        assert await resending.forget_old(session, TODAY + timedelta(hours=23)) == 0
        assert await resending.forget_old(session, TODAY + timedelta(days=29)) == 1, "the secret before"
        assert await resending.forget_old(session, TODAY + timedelta(days=31)) == 2
    assert (await system.endpoint()).sealed_previous_secret is None
    assert await system.rows(WebhookDelivery) == await system.rows(WebhookEvent) == await system.attempts() == []
