"""Runs handlers so that each event has exactly one effect, whatever the queue does.

Check the signature; count the start in a transaction of its own; claim the event and do the work in one transaction;
acknowledge. A duplicate is acknowledged again. Five starts without success make a dead letter.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shared import inbox
from shared.answering import Answering
from shared.batching import Batches
from shared.clock import Clock
from shared.database import Sessions, transaction
from shared.envelope import Answer, Envelope, Forged
from shared.error_reports import kind_of, place_of
from shared.event_figures import DUPLICATES, FAILED, FORGED, PARKED, PROCESSED
from shared.events.base import Event, Sealed
from shared.events.routing import BY_NAME
from shared.failpoints import failpoint
from shared.inbox import MAX_STARTS, Arrival, Parked, Start
from shared.logging import CORRELATION_ID
from shared.queue import JOB_SECONDS, TryAgain
from shared.sealing import Keyring
from shared.tenancy import REGION
from shared.transience import is_transient
from shared.vocabulary import Service

log = structlog.get_logger()

STARTS_AT_ONCE = 50
LONGEST_PARKING_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 30.0
ENDED_ITS_WORKER = "ended_its_worker"


@dataclass(frozen=True, slots=True)
class Handling:
    """What a handler works with. `session` acts for the region and commits with the claim, `now` is business time."""

    session: AsyncSession
    now: datetime
    event_id: UUID
    occurred_at: datetime
    sealed: Sealed | None = field(default=None, repr=False)


Handler = Callable[[Handling, Any], Awaitable[None]]
"""Makes one call into a command. Must be safe to cancel at every await."""


@dataclass
class Consumer:
    service: Service
    handlers: Mapping[type[Event], Handler]
    sessions: Sessions
    clock: Clock
    keys: Keyring
    answering: Answering
    _running: set[UUID] = field(default_factory=set, init=False)
    _suspects: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _starts: Batches[Arrival, Start] = field(init=False)

    def __post_init__(self) -> None:
        self._starts = Batches(self._count_starts, limit=STARTS_AT_ONCE)

    async def deliver(self, body: dict[str, Any], tries: int) -> None:
        """Take one job. Returns when there is nothing more to do with it, raises TryAgain when there is."""
        failpoint("consumer.received")
        try:
            envelope = Envelope.checked(body, self.keys)
        except Forged as error:
            FORGED.inc()
            log.error("event_forged", reason=str(error))
            return
        if envelope.subscriber is not self.service:
            log.error("event_misdirected", event_id=str(envelope.event_id), event_name=envelope.name)
            return
        if envelope.event_id in self._running:
            DUPLICATES.labels(envelope.name).inc()
            return
        CORRELATION_ID.set(envelope.correlation_id)
        self._running.add(envelope.event_id)
        try:
            async with self._lane(envelope, tries):
                await self._start(envelope, tries)
        except TryAgain:
            raise
        except Exception as error:  # noqa: BLE001 - not counted against the event: what failed is ours, or away
            log.warning("delivery_waits", event_name=envelope.name, reason=kind_of(error), place=place_of(error))
            pause = 0.5 if is_transient(error) else 5.0
            raise TryAgain(_jittered(pause * tries, LONGEST_RETRY_SECONDS)) from None
        finally:
            self._running.discard(envelope.event_id)

    @asynccontextmanager
    async def _lane(self, envelope: Envelope, tries: int) -> AsyncGenerator[None]:
        """Suspects run one at a time, so that one that kills its worker takes no bystander to its fifth start."""
        if envelope.attempt == 1 and tries == 1:
            yield
            return
        async with transaction(self.sessions, REGION) as session:
            is_suspect = await inbox.is_suspect(session, envelope.event_id)
        if not is_suspect:
            yield
            return
        if self._suspects.locked():
            raise TryAgain(_jittered(0.4, LONGEST_RETRY_SECONDS))
        async with self._suspects:
            yield

    async def _count_starts(self, arrivals: Sequence[Arrival]) -> Sequence[Start]:
        async with transaction(self.sessions, REGION) as session:
            return await inbox.count_starts(session, arrivals)

    async def _start(self, envelope: Envelope, tries: int) -> None:
        start = await self._starts.submit(
            Arrival(envelope.event_id, envelope.producer, envelope.name, envelope.redrives)
        )
        failpoint("consumer.start_counted")
        if start.is_processed:
            DUPLICATES.labels(envelope.name).inc()
            self._answer(envelope)
        elif start.dead_reason is not None:
            self._answer(envelope, start.dead_reason)
        elif start.starts > MAX_STARTS:
            await self._bury(envelope, ENDED_ITS_WORKER)
        else:
            await self._work(envelope, start.starts, tries)

    async def _work(self, envelope: Envelope, starts: int, tries: int) -> None:
        try:
            await self._run(envelope)
        except asyncio.CancelledError:
            with suppress(Exception):  # the worker is stopping; an uncounted start is a courtesy, not a promise
                await asyncio.shield(self._uncount(envelope))
            raise
        except Parked as parked:
            PARKED.labels(envelope.name).inc()
            await self._uncount(envelope, parked_reason=str(parked)[:200] or "parked")
            # Half as long again each time: what it waits for is noticed soon, in proportion to the wait.
            raise TryAgain(_jittered(0.2 * 1.5 ** min(tries, 20), LONGEST_PARKING_SECONDS)) from None
        except Exception as error:
            if is_transient(error):
                with suppress(Exception):  # the database is away: this start stays counted
                    await self._uncount(envelope)
                raise
            FAILED.labels(envelope.name).inc()
            reason = kind_of(error)
            log.error(
                "event_failed",
                event_id=str(envelope.event_id),
                event_name=envelope.name,
                starts=starts,
                reason=reason,
                place=place_of(error),
            )
            if starts < MAX_STARTS:
                raise TryAgain(_jittered(0.25 * 2**starts, LONGEST_RETRY_SECONDS)) from None
            await self._bury(envelope, reason)
        else:
            self._answer(envelope)

    async def _run(self, envelope: Envelope) -> None:
        event_type = BY_NAME.get(envelope.name)
        handler = self.handlers.get(event_type) if event_type else None
        if event_type is None or handler is None:
            # An older worker beside a newer producer, while one is replaced by the other.
            raise Parked("unknown_event")
        event = event_type.model_validate(envelope.payload)
        async with asyncio.timeout(JOB_SECONDS), transaction(self.sessions, REGION) as session:
            if not await inbox.claim(session, envelope.event_id):
                DUPLICATES.labels(envelope.name).inc()
                return
            failpoint("consumer.claimed")
            await handler(
                Handling(
                    session=session,
                    now=self.clock.now(),
                    event_id=envelope.event_id,
                    occurred_at=envelope.occurred_at,
                    sealed=self._opened(envelope, event_type),
                ),
                event,
            )
            failpoint("consumer.handled")
        failpoint("consumer.committed")
        PROCESSED.labels(envelope.name).inc()

    def _opened(self, envelope: Envelope, event_type: type[Event]) -> Sealed | None:
        shape = event_type.sealed_for.get(self.service)
        if shape is None or envelope.sealed is None:
            return None
        return self.keys.open(envelope.sealed, shape, subscriber=self.service, event_id=envelope.event_id)

    def _answer(self, envelope: Envelope, dead_reason: str | None = None) -> None:
        answer = Answer(event_id=envelope.event_id, redrives=envelope.redrives, dead_reason=dead_reason)
        self.answering.add(envelope.producer, answer)

    async def _uncount(self, envelope: Envelope, *, parked_reason: str | None = None) -> None:
        async with transaction(self.sessions, REGION) as session:
            await inbox.uncount_start(session, envelope.event_id, parked_reason=parked_reason)

    async def _bury(self, envelope: Envelope, reason: str) -> None:
        async with transaction(self.sessions, REGION) as session:
            await inbox.bury(session, envelope.event_id, reason)
        log.error("event_dead", event_id=str(envelope.event_id), event_name=envelope.name, reason=reason)
        self._answer(envelope, reason)


def _jittered(seconds: float, most: float) -> float:
    return min(seconds, most) * random.uniform(0.75, 1.25)  # noqa: S311 - spreading load, not a secret
