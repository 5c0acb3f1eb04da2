"""The sender: takes due deliveries, most urgent first, and hands them over outside any transaction.

Woken by NOTIFY when deliveries are stored, with a slow poll as a safety net and for retries. Several workers may run.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import psycopg
import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from services.notifications.channels.answers import Answer, AnswerClass
from services.notifications.channels.mail import Mail
from services.notifications.channels.smtp import SmtpChannel
from services.notifications.deliveries.handing_over import (
    LEASE,
    Claimed,
    Report,
    claim_deliveries,
    record_answers,
    recover_lost,
)
from services.notifications.deliveries.metrics import ANSWERS, DELIVERIES, SECONDS_TO_HAND_OVER
from services.notifications.messages.catalogue import BY_KEY
from services.notifications.messages.kinds import Channel, OptionalVariables
from services.notifications.messages.rendering import WordingRefused, render
from shared.batching import Batches
from shared.clock import Clock
from shared.database import Sessions, transaction
from shared.failpoints import failpoint
from shared.tenancy import REGION

log = structlog.get_logger()

WAKE_CHANNEL = "notifications_deliveries"
AT_ONCE = 16
# With a backlog, a claim waits this long for more slots to become free, to be worth its transaction.
LINGER_SECONDS = 0.015
RECORDS_AT_ONCE = 100
POLL_SECONDS = 1.0
RECOVER_SECONDS = 15.0
GRACE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 2.0


class Dispatcher:
    """One sender. At most `at_once` messages are on their way at any time."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        *,
        direct_database_url: str,
        channels: Mapping[Channel, SmtpChannel],
        at_once: int = AT_ONCE,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._direct_database_url = direct_database_url
        self._channels = channels
        self._at_once = at_once
        self._in_flight: set[asyncio.Task[None]] = set()
        self._has_backlog = False
        self._wake = asyncio.Event()
        self._records = Batches(self._record, limit=RECORDS_AT_ONCE)

    async def run(self) -> None:
        """Send until cancelled; what is on its way then has a few seconds to be recorded."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._dispatch()
        finally:
            listening.cancel()
            if self._in_flight:
                await asyncio.wait(self._in_flight, timeout=GRACE_SECONDS)
            for each in self._in_flight:
                each.cancel()
            for channel in self._channels.values():
                await channel.close()

    async def _dispatch(self) -> None:
        recovered_at = -RECOVER_SECONDS
        pause = 0.1
        while True:
            self._wake.clear()
            try:
                if time.monotonic() - recovered_at >= RECOVER_SECONDS:
                    await self._recover()
                    recovered_at = time.monotonic()
                await self._claim()
                pause = 0.1
            except (SQLAlchemyError, OSError) as error:
                log.warning("sender_waits", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            if self._has_backlog and len(self._in_flight) > self._at_once // 2:
                await asyncio.sleep(LINGER_SECONDS)

    async def _claim(self) -> None:
        free = self._at_once - len(self._in_flight)
        if free <= 0:
            self._has_backlog = True
            return
        async with transaction(self._sessions, REGION) as session:
            claimed = await claim_deliveries(session, free, now=self._clock.now())
        self._has_backlog = len(claimed) == free
        for each in claimed:
            task = asyncio.create_task(self._attempt(each))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The delivery stays claimed until its lease runs out, and is then tried again.
            log.error("attempt_failed", error=type(error).__name__)
        if self._has_backlog:
            self._wake.set()

    async def _attempt(self, claimed: Claimed) -> None:
        answer = await self._hand_over(claimed)
        failpoint("delivery.handed_over")
        ended_at = self._clock.now()
        report = Report(
            claimed.id,
            claimed.attempt_no,
            answer,
            claimed.started_at,
            ended_at,
            jitter=random.random(),  # noqa: S311 - spreading load, not a secret
        )
        if await self._record_soon(report):
            self._account(claimed, report)

    async def _hand_over(self, claimed: Claimed) -> Answer:
        mail = mail_of(claimed, sent_at=claimed.started_at)
        if mail is None:
            log.error("delivery_unsendable", delivery_id=str(claimed.id), kind=claimed.kind)
            return Answer(AnswerClass.UNSENDABLE)
        return await self._channels[claimed.channel].send(mail)

    async def _record_soon(self, report: Report) -> bool:
        """Record, through a database that is briefly away, as long as the lease makes it worth trying."""
        give_up_at = time.monotonic() + LEASE.total_seconds()
        pause = 0.1
        while True:
            try:
                return await self._records.submit(report)
            except (SQLAlchemyError, OSError):
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _record(self, reports: Sequence[Report]) -> Sequence[bool]:
        async with transaction(self._sessions, REGION) as session:
            return await record_answers(session, reports)

    async def _recover(self) -> None:
        async with transaction(self._sessions, REGION) as session:
            lost = await recover_lost(session, now=self._clock.now())
        if lost:
            ANSWERS.labels("any", AnswerClass.LOST).inc(lost)
            log.warning("attempts_lost", count=lost)

    def _account(self, claimed: Claimed, report: Report) -> None:
        ANSWERS.labels(claimed.channel, report.answer.answer).inc()
        DELIVERIES.labels(claimed.kind, report.state).inc()
        if report.answer.answer is AnswerClass.ACCEPTED:
            waited = (report.ended_at - claimed.occurred_at).total_seconds()
            SECONDS_TO_HAND_OVER.labels(claimed.kind, claimed.channel).observe(max(waited, 0.0))
        else:
            log.warning(
                "delivery_not_sent",
                delivery_id=str(claimed.id),
                kind=claimed.kind,
                answer=report.answer.answer,
                reply_code=report.answer.reply_code,
                attempt_no=claimed.attempt_no,
            )

    async def _listen(self) -> None:
        """Wake on new deliveries, through restarts of the database."""
        pause = 0.1
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._direct_database_url, autocommit=True, connect_timeout=5
                )
                async with connection:
                    await connection.execute(f"LISTEN {WAKE_CHANNEL}")
                    pause = 0.1
                    self._wake.set()
                    async for _ in connection.notifies():
                        self._wake.set()
            except (psycopg.Error, OSError) as error:
                log.warning("sender_is_not_woken", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def mail_of(claimed: Claimed, *, sent_at: datetime) -> Mail | None:
    """The message in words, or None where the stored variables do not fit the wording any more."""
    kind = BY_KEY.get(claimed.kind)
    if kind is None or claimed.contents is None:
        return None
    try:
        variables = kind.variables.model_validate(claimed.contents["variables"])
        rendered = render(kind.wording[claimed.channel], dict(variables), because=kind.because)
    except (ValidationError, WordingRefused, KeyError):
        return None
    return Mail(
        id=claimed.id,
        to_name=variables.name,
        to_address=claimed.contents["address"],
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        sent_at=sent_at,
        unsubscribe_url=variables.unsubscribe_link if isinstance(variables, OptionalVariables) else None,
        calendar=kind.calendar(variables, claimed.occurred_at),
    )
