"""The sender of webhooks: takes due messages and posts them outside any transaction, many at once, few per endpoint.

It has its own slots: neither the mails nor another endpoint waits for one that is slow or away. Woken by NOTIFY when
deliveries are stored, with a slow poll as a safety net and for retries. Several workers may run.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.notifications.webhooks.handing_over import (
    LEASE,
    Claimed,
    Report,
    claim_messages,
    record_answer,
    recover_lost,
)
from services.notifications.webhooks.metrics import ANSWERS, SECONDS_TO_ARRIVE
from services.notifications.webhooks.posting import Posted, Poster, reach_of
from services.notifications.webhooks.states import WebhookAnswer, WebhookDeliveryState
from shared.clock import Clock
from shared.database import Sessions, transaction
from shared.failpoints import failpoint
from shared.sealing import Unsealable
from shared.tenancy import REGION
from shared.worker import WorkerContext

log = structlog.get_logger()

WAKE_CHANNEL = "notifications_webhooks"
# With a lane an endpoint, so many slow endpoints would have to be slow at once to hold up the next.
AT_ONCE = 100
POLL_SECONDS = 1.0
RECOVER_SECONDS = 15.0
GRACE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 2.0
# More than the connections that a worker's pool would give them all at once.
RECORDS_AT_ONCE = 4


async def send_webhooks(context: WorkerContext) -> None:
    """Send until cancelled."""
    poster = Poster(reach_of(context.settings))
    sender = WebhookSender(
        context.sessions, context.clock, poster, direct_database_url=context.settings.direct_database_url
    )
    await sender.run()


class WebhookSender:
    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        poster: Poster,
        *,
        direct_database_url: str,
        at_once: int = AT_ONCE,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._poster = poster
        self._direct_database_url = direct_database_url
        self._at_once = at_once
        self._in_flight: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._recording = asyncio.Semaphore(RECORDS_AT_ONCE)

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
            await self._poster.close()

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
                log.warning("webhook_sender_waits", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()

    async def _claim(self) -> None:
        free = self._at_once - len(self._in_flight)
        if free <= 0:
            return
        async with transaction(self._sessions, REGION) as session:
            claimed = await claim_messages(session, free, now=self._clock.now())
        for each in claimed:
            task = asyncio.create_task(self._attempt(each))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # It stays claimed until its lease runs out, and is then tried again.
            log.error("webhook_attempt_failed", error=type(error).__name__)
        # A place in its endpoint's lane is free.
        self._wake.set()

    async def _attempt(self, claimed: Claimed) -> None:
        posted = await self._post(claimed)
        failpoint("webhook.posted")
        report = Report(
            claimed.delivery_id,
            claimed.attempt_no,
            posted,
            claimed.started_at,
            self._clock.now(),
            jitter=random.random(),  # noqa: S311 - spreading load, not a secret
        )
        state = await self._record_soon(report)
        if state is not None:
            self._account(claimed, report, state)

    async def _post(self, claimed: Claimed) -> Posted:
        try:
            message = claimed.message()
        except Unsealable:
            log.error("webhook_unsendable", webhook_id=str(claimed.webhook_id))
            return Posted(WebhookAnswer.UNSENDABLE)
        return await self._poster.post(message)

    async def _record_soon(self, report: Report) -> WebhookDeliveryState | None:
        """Record, through a database that is briefly away, as long as the lease makes it worth trying."""
        give_up_at = time.monotonic() + LEASE.total_seconds()
        pause = 0.1
        while True:
            try:
                async with self._recording, transaction(self._sessions, REGION) as session:
                    return await record_answer(session, report)
            except (SQLAlchemyError, OSError):
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _recover(self) -> None:
        async with transaction(self._sessions, REGION) as session:
            lost = await recover_lost(session, now=self._clock.now())
        if lost:
            ANSWERS.labels(WebhookAnswer.LOST).inc(lost)
            log.warning("webhook_attempts_lost", count=lost)

    def _account(self, claimed: Claimed, report: Report, state: WebhookDeliveryState) -> None:
        answer = report.posted.answer
        ANSWERS.labels(answer).inc()
        if answer is WebhookAnswer.ACCEPTED:
            waited = (report.ended_at - claimed.occurred_at).total_seconds()
            SECONDS_TO_ARRIVE.labels(claimed.event_type).observe(max(waited, 0.0))
        else:
            log.warning(
                "webhook_not_delivered",
                delivery_id=str(claimed.delivery_id),
                event_type=claimed.event_type,
                answer=answer,
                status_code=report.posted.status_code,
                attempt_no=claimed.attempt_no,
                state=state,
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
                log.warning("webhook_sender_is_not_woken", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
