"""Runs handlers so that each event has exactly one effect, whatever the queue does.

Check the signature; count the start in a transaction of its own; claim the event and do the work in one transaction;
acknowledge. A duplicate is acknowledged again. Five starts without success make a dead letter. Letters that came in
one job are done in one transaction; at the first trouble each goes its own way.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import structlog

from shared.answering import Answering
from shared.batching import Batches
from shared.envelope import DELIVER, Answer, Envelope, Forged, alone, job_id_of
from shared.error_reports import kind_of, place_of
from shared.event_figures import DUPLICATES, FAILED, FORGED, PARKED
from shared.failpoints import failpoint
from shared.handling import Desk, Handler, Handling
from shared.inbox import MAX_STARTS, Parked, Start
from shared.logging import CORRELATION_ID
from shared.queue import AWAY, Job, Queue, TryAgain
from shared.transience import is_transient

__all__ = ["Consumer", "Desk", "Handler", "Handling"]

log = structlog.get_logger()

STARTS_AT_ONCE = 50
LONGEST_PARKING_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 30.0
ENDED_ITS_WORKER = "ended_its_worker"


class Consumer:
    def __init__(self, desk: Desk, queue: Queue, answering: Answering) -> None:
        self._desk = desk
        self._queue = queue
        self._answering = answering
        self._running: set[UUID] = set()
        self._suspects = asyncio.Lock()
        self._starts: Batches[Envelope, Start] = Batches(desk.count_starts, limit=STARTS_AT_ONCE)

    async def deliver(self, body: dict[str, Any], tries: int) -> None:
        """Take one job. Returns when there is nothing more to do with it, raises TryAgain when there is."""
        failpoint("consumer.received")
        letters = body.get("letters", ())
        envelopes = [each for letter in letters if (each := self._ours(letter)) is not None]
        if not envelopes:
            return
        event_ids = {each.event_id for each in envelopes}
        self._running |= event_ids
        try:
            if len(letters) == 1:
                await self._deliver_alone(envelopes[0], tries)
            else:
                await self._deliver_together(envelopes, tries)
        except TryAgain:
            raise
        except Exception as error:  # noqa: BLE001 - not counted against the event: what failed is ours, or away
            log.warning("delivery_waits", event_name=envelopes[0].name, reason=kind_of(error), place=place_of(error))
            pause = 0.5 if is_transient(error) else 5.0
            raise TryAgain(_jittered(pause * tries, LONGEST_RETRY_SECONDS)) from None
        finally:
            self._running -= event_ids

    def _ours(self, letter: Any) -> Envelope | None:
        """The letter, when it is signed, for this service, and not being worked on here already."""
        try:
            envelope = Envelope.checked(letter, self._desk.keys)
        except Forged as error:
            FORGED.inc()
            log.error("event_forged", reason=str(error))
            return None
        if envelope.subscriber is not self._desk.service:
            log.error("event_misdirected", event_id=str(envelope.event_id), event_name=envelope.name)
            return None
        if envelope.event_id in self._running:
            DUPLICATES.labels(envelope.name).inc()
            return None
        return envelope

    async def _deliver_together(self, envelopes: Sequence[Envelope], tries: int) -> None:
        """Only what was never started before: whoever ended a worker, or failed, or waits, is dealt with alone."""
        if tries > 1:
            await self._part(envelopes)
            return
        starts = await self._desk.count_starts(envelopes)
        failpoint("consumer.start_counted")
        fresh, apart = [], []
        for envelope, start in zip(envelopes, starts, strict=True):
            if not self._is_decided(envelope, start):
                (fresh if start.starts == 1 else apart).append(envelope)
        try:
            await self._desk.work(fresh)
        except asyncio.CancelledError:
            await self._take_back(envelopes)
            raise
        except Exception as error:  # noqa: BLE001 - whose fault it was shows when each goes alone
            log.info("letters_parted", event_name=envelopes[0].name, count=len(fresh), reason=kind_of(error))
            apart += fresh
        else:
            for envelope in fresh:
                self._answer(envelope)
        if apart:
            await self._take_back(apart)
            await self._part(apart)

    async def _part(self, envelopes: Sequence[Envelope]) -> None:
        """Give each letter a job of its own. One that does not get there comes again from the outbox."""
        jobs = [
            Job(
                self._desk.service,
                DELIVER,
                {"letters": [each.signed_with(self._desk.keys)]},
                alone(job_id_of(each.event_id, each.subscriber, each.redrives, each.attempt)),
            )
            for each in envelopes
        ]
        try:
            await self._queue.publish(jobs)
        except AWAY as error:
            log.warning("letters_not_parted", error=type(error).__name__, count=len(jobs))

    async def _deliver_alone(self, envelope: Envelope, tries: int) -> None:
        CORRELATION_ID.set(envelope.correlation_id)
        async with self._lane(envelope, tries):
            start = await self._starts.submit(envelope)
            failpoint("consumer.start_counted")
            if self._is_decided(envelope, start):
                return
            if start.starts > MAX_STARTS:
                await self._bury(envelope, ENDED_ITS_WORKER)
            else:
                await self._work(envelope, start.starts, tries)

    @asynccontextmanager
    async def _lane(self, envelope: Envelope, tries: int) -> AsyncGenerator[None]:
        """Suspects run one at a time, so that one that kills its worker takes no bystander to its fifth start."""
        if (envelope.attempt == 1 and tries == 1) or not await self._desk.is_suspect(envelope):
            yield
        elif self._suspects.locked():
            raise TryAgain(_jittered(0.4, LONGEST_RETRY_SECONDS))
        else:
            async with self._suspects:
                yield

    async def _work(self, envelope: Envelope, starts: int, tries: int) -> None:
        try:
            await self._desk.work([envelope])
        except asyncio.CancelledError:
            await self._take_back([envelope])
            raise
        except Parked as parked:
            PARKED.labels(envelope.name).inc()
            await self._desk.uncount_starts([envelope], parked_reason=str(parked)[:200] or "parked")
            # Half as long again each time: what it waits for is noticed soon, in proportion to the wait.
            raise TryAgain(_jittered(0.2 * 1.5 ** min(tries, 20), LONGEST_PARKING_SECONDS)) from None
        except Exception as error:
            if is_transient(error):
                await self._take_back([envelope])
                raise
            await self._fail(envelope, starts, error)
        else:
            self._answer(envelope)

    async def _fail(self, envelope: Envelope, starts: int, error: Exception) -> None:
        FAILED.labels(envelope.name).inc()
        log.error(
            "event_failed",
            event_id=str(envelope.event_id),
            event_name=envelope.name,
            starts=starts,
            reason=kind_of(error),
            place=place_of(error),
        )
        if starts < MAX_STARTS:
            raise TryAgain(_jittered(0.25 * 2**starts, LONGEST_RETRY_SECONDS))
        await self._bury(envelope, kind_of(error))

    def _is_decided(self, envelope: Envelope, start: Start) -> bool:
        """Whether there is nothing to do but to answer again."""
        if start.is_processed:
            DUPLICATES.labels(envelope.name).inc()
        if start.is_processed or start.dead_reason is not None:
            self._answer(envelope, None if start.is_processed else start.dead_reason)
            return True
        return False

    def _answer(self, envelope: Envelope, dead_reason: str | None = None) -> None:
        answer = Answer(event_id=envelope.event_id, redrives=envelope.redrives, dead_reason=dead_reason)
        self._answering.add(envelope.producer, answer)

    async def _take_back(self, envelopes: Sequence[Envelope]) -> None:
        """Uncount starts, as a courtesy: where the database is away or the worker is ending they may stay counted."""
        with suppress(Exception):
            await asyncio.shield(self._desk.uncount_starts(envelopes))

    async def _bury(self, envelope: Envelope, reason: str) -> None:
        await self._desk.bury(envelope, reason)
        log.error("event_dead", event_id=str(envelope.event_id), event_name=envelope.name, reason=reason)
        self._answer(envelope, reason)


def _jittered(seconds: float, most: float) -> float:
    return min(seconds, most) * random.uniform(0.75, 1.25)  # noqa: S311 - spreading load, not a secret
