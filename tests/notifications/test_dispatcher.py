"""The sender at work: real database, real mail server, real concurrency."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from icalendar import Calendar
from sqlalchemy import func, select, text, update

from services.notifications.channels.answers import AnswerClass
from services.notifications.channels.mail import Sender
from services.notifications.channels.smtp import SmtpChannel, SmtpServer
from services.notifications.deliveries import commands, dispatcher
from services.notifications.deliveries.dispatcher import Dispatcher
from services.notifications.deliveries.models import Delivery, DeliveryAttempt
from services.notifications.deliveries.states import DeliveryState
from services.notifications.messages.kinds import Channel
from shared.database import Sessions, transaction
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.conftest import ROOT, TODAY, Services
from tests.factories import notifications as make
from tests.notifications.mail_server import MailServer

AMINA = "amina.khan@mail.example"
SENDER = Sender.parse("Jobs <no-reply@jobs.example>")


async def store(live: Services, *facts: commands.Fact, now: datetime = TODAY) -> None:
    async with transaction(live.sessions[Service.NOTIFICATIONS], REGION) as session:
        for fact in facts:
            await commands.store_deliveries(session, fact, now=now)


async def deliveries(live: Services) -> Sequence[Delivery]:
    async with transaction(live.sessions[Service.NOTIFICATIONS], REGION) as session:
        return (await session.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.id))).all()


async def attempts(live: Services) -> Sequence[tuple[int, AnswerClass]]:
    async with transaction(live.sessions[Service.NOTIFICATIONS], REGION) as session:
        found = await session.scalars(select(DeliveryAttempt).order_by(DeliveryAttempt.attempt_no))
        return [(each.attempt_no, each.answer) for each in found]


async def states(live: Services) -> set[DeliveryState]:
    return {each.state for each in await deliveries(live)}


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.02)


async def until_all(live: Services, state: DeliveryState) -> None:
    async def all_there() -> bool:
        return await states(live) == {state}

    await until(all_there)


def dispatcher_of(live: Services, server: MailServer, *, at_once: int = 16) -> Dispatcher:
    return Dispatcher(
        live.sessions[Service.NOTIFICATIONS],
        live.clock,
        direct_database_url=live.settings(Service.NOTIFICATIONS).direct_database_url,
        channels={Channel.EMAIL: SmtpChannel(SmtpServer.from_url(server.url), SENDER)},
        at_once=at_once,
    )


@asynccontextmanager
async def sending(live: Services, server: MailServer, *, workers: int = 1, at_once: int = 16) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(dispatcher_of(live, server, at_once=at_once).run()) for _ in range(workers)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_stored_goes_out_in_its_own_words(live: Services, smtp: MailServer) -> None:
    async with sending(live, smtp):
        await store(live, make.fact("interview_invited", vacancy_title="Café Manager", place="Oldbury"))
        await until_all(live, DeliveryState.SENT)
    (delivery,) = await deliveries(live)
    (message,) = smtp.sent_to(AMINA)
    assert message["Message-ID"] == f"<{delivery.id}@jobs.example>"
    assert message["Subject"].endswith(": Café Manager")
    assert "* Where: Oldbury" in smtp.texts_to(AMINA)[0]
    assert await attempts(live) == [(1, AnswerClass.ACCEPTED)]


async def test_new_jobs_go_out_with_the_way_out_of_them(live: Services, smtp: MailServer) -> None:
    async with sending(live, smtp):
        await store(live, make.fact("job_alert_found"))
        await until_all(live, DeliveryState.SENT)
    (message,) = smtp.sent_to(AMINA)
    assert message["List-Unsubscribe"] == f"<{make.UNSUBSCRIBE}>"
    (delivery,) = await deliveries(live)
    # Neither link outlives the sending.
    assert "unsubscribe/sample" not in str(delivery.contents)
    assert make.LINK not in str((delivery.contents or {})["variables"].get("link"))


@pytest.mark.parametrize(
    ("kind", "method", "status"),
    [
        ("interview_booked", "REQUEST", "CONFIRMED"),
        ("interview_moved", "REQUEST", "CONFIRMED"),
        ("interview_cancelled", "CANCEL", "CANCELLED"),
        ("panel_interview_set", "REQUEST", "CONFIRMED"),
        ("panel_interview_cancelled", "CANCEL", "CANCELLED"),
    ],
)
async def test_an_interview_goes_out_with_the_file_for_the_calendar(
    live: Services, smtp: MailServer, kind: str, method: str, status: str
) -> None:
    booking_id = uuid4()
    async with sending(live, smtp):
        name = "appointment_id" if kind.startswith("panel") else "booking_id"
        await store(live, make.fact(kind, **{name: booking_id}, sequence=3, vacancy_title="Café Manager"))
        await until_all(live, DeliveryState.SENT)
    (message,) = smtp.sent_to(AMINA)
    assert "Café Manager" in smtp.texts_to(AMINA)[0]
    [file] = message.iter_attachments()
    assert (file.get_content_type(), file.get_param("method")) == ("text/calendar", method)
    assert file.get_filename() == "interview.ics"
    calendar = Calendar.from_ical(file.get_payload(decode=True))
    [event] = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == method
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (str(booking_id), 3, status)
    assert str(event["ATTENDEE"]) == f"mailto:{AMINA}"
    assert str(event["ORGANIZER"]) == "mailto:no-reply@jobs.example"
    assert "Café Manager" in str(event["SUMMARY"])
    assert smtp.received[0].content.isascii()


async def test_a_message_without_an_appointment_has_no_file(live: Services, smtp: MailServer) -> None:
    async with sending(live, smtp):
        await store(live, make.fact("application_received"))
        await until_all(live, DeliveryState.SENT)
    assert list(smtp.sent_to(AMINA)[0].iter_attachments()) == []


async def test_a_new_delivery_wakes_the_sender(
    live: Services, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "POLL_SECONDS", 3600.0)
    async with sending(live, smtp):
        await store(live, make.fact())
        await until_all(live, DeliveryState.SENT)
        await store(live, make.fact())
        await until_all(live, DeliveryState.SENT)
    assert len(smtp.received) == 2


async def test_several_senders_never_send_one_message_twice(live: Services, smtp: MailServer) -> None:
    await store(live, *(make.fact("match_suggested", email=f"person{n}@mail.example") for n in range(120)))
    async with sending(live, smtp, workers=3, at_once=8):
        await until_all(live, DeliveryState.SENT)
    assert len(smtp.received) == 120
    assert len({each.to for each in smtp.received}) == 120


async def test_no_more_are_on_their_way_than_is_allowed(live: Services, smtp: MailServer) -> None:
    smtp.answers_after = 0.02
    await store(live, *(make.fact() for _ in range(30)))
    async with sending(live, smtp, at_once=5):
        await until_all(live, DeliveryState.SENT)
    assert smtp.most_at_once <= 5
    assert len(smtp.received) == 30


async def test_a_sign_in_link_overtakes_a_backlog_on_a_slow_server(live: Services, smtp: MailServer) -> None:
    smtp.answers_after = 0.02
    await store(live, *(make.fact("referred", email="crowd@mail.example") for _ in range(60)))
    async with sending(live, smtp, at_once=4):

        async def begun() -> bool:
            return len(smtp.received) >= 4

        await until(begun)
        await store(live, make.fact("sign_in_link", email=AMINA))

        async def arrived() -> bool:
            return bool(smtp.sent_to(AMINA))

        await until(arrived)
        assert len(smtp.received) < 40
        await until_all(live, DeliveryState.SENT)


async def test_a_greylisted_message_is_tried_again_when_it_is_due(live: Services, smtp: MailServer) -> None:
    smtp.replies[AMINA] = ["451 4.7.1 Greylisted", "451 4.7.1 Greylisted"]
    await store(live, make.fact())
    async with sending(live, smtp):
        await until_all(live, DeliveryState.TEMPORARY_FAILURE)
        live.clock.advance(timedelta(seconds=10))

        async def tried_twice() -> bool:
            return len(await attempts(live)) == 2

        await until(tried_twice)
        assert smtp.received == []
        live.clock.advance(timedelta(seconds=20))
        await until_all(live, DeliveryState.SENT)
    assert [answer for _, answer in await attempts(live)] == [
        AnswerClass.DEFERRED,
        AnswerClass.DEFERRED,
        AnswerClass.ACCEPTED,
    ]
    assert len(smtp.received) == 1


async def test_a_refused_recipient_holds_up_nobody(live: Services, smtp: MailServer) -> None:
    smtp.replies["gone@mail.example"] = ["550 5.1.1 No such mailbox"]
    await store(live, make.fact(email="gone@mail.example"), make.fact())
    async with sending(live, smtp):

        async def both_ended() -> bool:
            return await states(live) == {DeliveryState.PERMANENT_FAILURE, DeliveryState.SENT}

        await until(both_ended)
    assert len(smtp.received) == 1


async def test_a_message_that_cannot_be_made_ends_as_our_failure(live: Services, smtp: MailServer) -> None:
    await store(live, make.fact("offer_made"))
    async with transaction(live.sessions[Service.NOTIFICATIONS], REGION) as session:
        # As a row of an older release whose variables no longer fit.
        await session.execute(update(Delivery).values(contents=text("contents #- '{variables,reply_by}'")))
    async with sending(live, smtp):
        await until_all(live, DeliveryState.TECHNICAL_FAILURE)
    assert smtp.received == []


async def test_a_message_dropped_after_its_content_comes_twice_as_one(live: Services, smtp: MailServer) -> None:
    smtp.drops_after_content = 1
    await store(live, make.fact())
    async with sending(live, smtp):
        await until_all(live, DeliveryState.TEMPORARY_FAILURE)
        live.clock.advance(timedelta(seconds=10))
        await until_all(live, DeliveryState.SENT)
    first, second = smtp.sent_to(AMINA)
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_sender_that_is_stopped_records_what_it_has_begun(live: Services, smtp: MailServer) -> None:
    smtp.answers_after = 0.2
    await store(live, *(make.fact() for _ in range(4)))
    async with sending(live, smtp, at_once=4):

        async def under_way() -> bool:
            return smtp.at_once == 4

        await until(under_way)
    assert await states(live) == {DeliveryState.SENT}
    assert len(smtp.received) == 4


async def test_messages_go_out_once_although_the_database_restarts(live: Services, smtp: MailServer) -> None:
    smtp.answers_after = 0.3
    await store(live, *(make.fact() for _ in range(6)))
    async with sending(live, smtp, at_once=3):

        async def under_way() -> bool:
            return smtp.at_once == 3

        await until(under_way)
        await asyncio.to_thread(live.parts.postgres.restart)

        async def all_sent() -> bool:
            with suppress(Exception):
                return await states(live) == {DeliveryState.SENT}
            return False

        await until(all_sent, within=40.0)
        await store(live, make.fact())

        async def seven_sent() -> bool:
            return len(smtp.received) == 7

        await until(seven_sent)
    assert len({message["Message-ID"] for message in smtp.sent_to(AMINA)}) == 7


async def run_worker(live: Services, smtp: MailServer, failpoints: str = "") -> asyncio.subprocess.Process:
    env = {
        **os.environ,
        **live.parts.environment(live.database),
        "SMTP_URL": smtp.url,
        "WME_FAILPOINTS": failpoints,
        "PYTHONPATH": str(ROOT),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.notifications.worker",
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def age_leases(live: Services) -> None:
    url = live.parts.postgres.database_url(live.database)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "UPDATE notifications.deliveries SET leased_until = clock_timestamp() WHERE state = 'sending'"
        )


async def test_a_worker_killed_after_handing_over_sends_at_most_one_duplicate_with_the_same_id(
    live: Services, smtp: MailServer
) -> None:
    await store(live, make.fact(), now=datetime.now(TODAY.tzinfo))
    killed = await run_worker(live, smtp, "delivery.handed_over:kill@1")
    await asyncio.wait_for(killed.communicate(), 30)
    assert killed.returncode == -9
    assert await states(live) == {DeliveryState.SENDING}
    assert len(smtp.received) == 1
    age_leases(live)
    again = await run_worker(live, smtp)
    try:
        await until_all(live, DeliveryState.SENT)
    finally:
        again.terminate()
        await asyncio.wait_for(again.communicate(), 30)
    assert await attempts(live) == [(1, AnswerClass.LOST), (2, AnswerClass.ACCEPTED)]
    first, second = smtp.sent_to(AMINA)
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_worker_without_a_mail_server_says_so_and_does_not_start(live: Services) -> None:
    env = {**os.environ, **live.parts.environment(live.database), "SMTP_URL": "", "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.notifications.worker",
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode != 0
    assert b"SMTP_URL is not set" in errors


async def test_the_claim_reads_the_waiting_only(live: Services) -> None:
    """However many were sent before: the plan of a claim uses the index of what waits."""
    sessions: Sessions = live.sessions[Service.NOTIFICATIONS]
    async with transaction(sessions, REGION) as session:
        await session.execute(
            text(
                "INSERT INTO notifications.deliveries (id, event_id, event_name, kind, channel, recipient_id,"
                " employer_ids, subject, subject_id, urgency, occurred_at, created_at, due_at, expires_at, state,"
                " attempts, is_concealed)"
                " SELECT gen_random_uuid(), gen_random_uuid(), 'x', 'x', 'email', gen_random_uuid(), '{}', 'x',"
                " gen_random_uuid(), 2, now(), now(), now(), now(), 'sent', 1, false FROM generate_series(1, 3000)"
            )
        )
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 3000
    with psycopg.connect(live.parts.postgres.database_url(live.database), autocommit=True) as admin:
        admin.execute("ANALYZE notifications.deliveries")
        plan = admin.execute(
            "EXPLAIN SELECT id FROM notifications.deliveries WHERE state IN ('created', 'temporary_failure')"
            " AND due_at <= now() AND expires_at > now() ORDER BY urgency, due_at, id LIMIT 16 FOR UPDATE SKIP LOCKED"
        ).fetchall()
    assert "ix_deliveries_due" in str(plan) or "ix_deliveries_expiring" in str(plan)
