"""The database side of hearing: starts, claims, handlers and their one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared import inbox
from shared.clock import Clock
from shared.database import Sessions, transaction
from shared.envelope import Envelope
from shared.event_figures import DUPLICATES, PROCESSED
from shared.events.base import Event, Sealed
from shared.events.routing import BY_NAME, IN_GROUPS
from shared.failpoints import failpoint
from shared.inbox import BUSY, Arrival, Parked, Start
from shared.logging import CORRELATION_ID
from shared.queue import JOB_SECONDS
from shared.sealing import Keyring
from shared.tenancy import REGION
from shared.vocabulary import Service


@dataclass(frozen=True, slots=True)
class Handling:
    """What a handler works with. `session` acts for the region and commits with the claim, `now` is business time."""

    session: AsyncSession
    now: datetime
    event_id: UUID
    occurred_at: datetime
    sealed: Sealed | None = field(default=None, repr=False)


# A group is committed as often as this: what it locks, others wait for.
GROUP_SECONDS = 0.2
LOCK_NOT_AVAILABLE = "55P03"

Handler = Callable[[Handling, Any], Awaitable[None]]
"""Makes one call into a command. Must be safe to cancel at every await."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is done, by this transaction or before, and what is left: busy elsewhere, or not begun in time."""

    finished: Sequence[Envelope]
    unfinished: Sequence[Envelope]


@dataclass(frozen=True)
class Desk:
    """Where the letters to one service are worked on."""

    service: Service
    handlers: Mapping[type[Event], Handler]
    sessions: Sessions
    clock: Clock
    keys: Keyring

    async def count_starts(self, envelopes: Sequence[Envelope]) -> Sequence[Start]:
        """One start each. Where a stopped worker holds a row that it was about to count, only that event is busy."""
        try:
            return await self._count_starts(envelopes)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
        if len(envelopes) == 1:
            return [BUSY]
        apart = await asyncio.gather(*(self.count_starts([each]) for each in envelopes))
        return [start for starts in apart for start in starts]

    async def _count_starts(self, envelopes: Sequence[Envelope]) -> Sequence[Start]:
        arrivals = [Arrival(each.event_id, each.producer, each.name, each.redrives) for each in envelopes]
        async with transaction(self.sessions, REGION) as session:
            return await inbox.count_starts(session, arrivals)

    async def is_suspect(self, envelope: Envelope) -> bool:
        async with transaction(self.sessions, REGION) as session:
            return await inbox.is_suspect(session, envelope.event_id)

    def takes_groups_of(self, name: str) -> bool:
        return BY_NAME.get(name) in IN_GROUPS[self.service]

    async def work(self, envelopes: Sequence[Envelope]) -> Work:
        """Claim these events and handle each, in one transaction: all their effects or none.

        In the order of what they are about, so that two groups do not wait for each other's rows in a circle. What is
        not begun after GROUP_SECONDS is left: locks are not held for the sum of many handlers.
        """
        ordered = sorted(envelopes, key=lambda each: (each.aggregate_id, each.event_id))
        async with asyncio.timeout(JOB_SECONDS), transaction(self.sessions, REGION) as session:
            claim = await inbox.claim(session, [each.event_id for each in ordered])
            failpoint("consumer.claimed")
            taken = [each for each in ordered if each.event_id in claim.taken]
            done = await self._handle_in_turn(session, taken)
            if left := taken[len(done) :]:
                await inbox.unclaim(session, [each.event_id for each in left])
        failpoint("consumer.committed")
        for envelope in done:
            PROCESSED.labels(envelope.name).inc()
        for envelope in ordered:
            if envelope.event_id in claim.processed:
                DUPLICATES.labels(envelope.name).inc()
        finished = {each.event_id for each in done} | claim.processed
        return Work(
            finished=tuple(each for each in ordered if each.event_id in finished),
            unfinished=tuple(each for each in ordered if each.event_id not in finished),
        )

    async def _handle_in_turn(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> Sequence[Envelope]:
        """Returns those that were handled before the time was over: the first one at least."""
        until = monotonic() + GROUP_SECONDS
        for number, envelope in enumerate(envelopes):
            if number and monotonic() > until:
                return envelopes[:number]
            if number:
                failpoint("consumer.between_letters")
            correlation = CORRELATION_ID.set(envelope.correlation_id)
            try:
                await self._handle(session, envelope)
            finally:
                CORRELATION_ID.reset(correlation)
            failpoint("consumer.handled")
        return envelopes

    async def _handle(self, session: AsyncSession, envelope: Envelope) -> None:
        event_type = BY_NAME.get(envelope.name)
        handler = self.handlers.get(event_type) if event_type else None
        if event_type is None or handler is None:
            # An older worker beside a newer producer, while one is replaced by the other.
            raise Parked("unknown_event")
        handling = Handling(
            session=session,
            now=self.clock.now(),
            event_id=envelope.event_id,
            occurred_at=envelope.occurred_at,
            sealed=self._opened(envelope, event_type),
        )
        await handler(handling, event_type.model_validate(envelope.payload))
        # The next handler in this transaction begins as if it were alone.
        await session.flush()
        session.expunge_all()

    def _opened(self, envelope: Envelope, event_type: type[Event]) -> Sealed | None:
        shape = event_type.sealed_for.get(self.service)
        if shape is None or envelope.sealed is None:
            return None
        return self.keys.open(envelope.sealed, shape, subscriber=self.service, event_id=envelope.event_id)

    async def uncount_starts(self, envelopes: Sequence[Envelope], *, parked_reason: str | None = None) -> None:
        async with transaction(self.sessions, REGION) as session:
            event_ids = [each.event_id for each in envelopes]
            await inbox.uncount_starts(session, event_ids, parked_reason=parked_reason)

    async def bury(self, envelope: Envelope, reason: str) -> None:
        async with transaction(self.sessions, REGION) as session:
            await inbox.bury(session, envelope.event_id, reason)
