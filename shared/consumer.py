"""Runs handlers so that each event has exactly one effect, whatever the queue does.

Check the signature; count the start in a transaction of its own; claim the event and do the work in one transaction;
acknowledge. A duplicate is acknowledged again. Five starts without success make a dead letter. Where a handler allows
it, letters that came in one job are done in one transaction; at the first trouble each goes its own way.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import time
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
from shared.inbox import KEPT_FOR, MAX_STARTS, Parked, Start
from shared.interruption import to_its_end
from shared.logging import CORRELATION_ID
from shared.queue import AWAY, Job, Queue, TryAgain
from shared.transience import is_transient

__all__ = ["Consumer", "Desk", "Handler", "Handling"]

log = structlog.get_logger()

STARTS_AT_ONCE = 50
LONGEST_PARKING_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 30.0
BUSY_SECONDS = 0.4
# A job is given up by the queue a while after this.
GROUPS_SECONDS = 10.0
ENDED_ITS_WORKER = "ended_its_worker"
# Whether it was processed is no longer known. Sent again by hand, it is taken.
TOLD_TOO_LONG_AGO = "told_too_long_ago"
LONGEST_AGO = KEPT_FOR - timedelta(days=5)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One job: its letters as they came, by event, and what they say. `tries` counts this job's from 1."""

    letters: Mapping[UUID, Any]
    envelopes: Sequence[Envelope]
    tries: int
    is_parted: bool


class Consumer:
    def __init__(self, desk: Desk, queue: Queue, answering: Answering) -> None:
        self._desk = desk
        self._queue = queue
        self._answering = answering
        self._running: set[UUID] = set()
        self._suspects = asyncio.Lock()
        self._starts: Batches[Envelope, Start] = Batches(desk.count_starts, limit=STARTS_AT_ONCE)
        # Starts that could not be taken back at once, the database being away: they are before the next one.
        self._owed: set[UUID] = set()

    async def deliver(self, body: dict[str, Any], tries: int) -> None:
        """Take one job. Returns when there is nothing more to do with it, raises TryAgain when there is."""
        failpoint("consumer.received")
        letters = [(letter, each) for letter in body.get("letters", ()) if (each := self._ours(letter)) is not None]
        by_id = {each.event_id: each for _, each in letters}
        if not by_id:
            return
        signed = {each.event_id: letter for letter, each in letters}
        job = _Delivery(signed, list(by_id.values()), tries, is_parted=body.get("parted") is True)
        self._running |= by_id.keys()
        try:
            await self._settle_debts(job.envelopes)
            if len(job.envelopes) == 1:
                await self._deliver_alone(job, job.envelopes[0])
            else:
                await self._deliver_together(job)
        except TryAgain:
            raise
        except Exception as error:  # noqa: BLE001 - not counted against the event: what failed is ours, or away
            name = job.envelopes[0].name
            log.warning("delivery_waits", event_name=name, reason=kind_of(error), place=place_of(error))
            pause = 0.5 if is_transient(error) else 5.0
            raise TryAgain(_jittered(pause * tries, LONGEST_RETRY_SECONDS)) from None
        finally:
            self._running -= by_id.keys()

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

    async def _deliver_together(self, job: _Delivery) -> None:
        """Only what was never started before: whoever ended a worker, or failed, or waits, is dealt with alone."""
        if job.tries > 1 or not all(self._desk.takes_groups_of(each.name) for each in job.envelopes):
            await self._part(job, job.envelopes)
            return
        counted = job.envelopes
        try:
            starts = await to_its_end(self._desk.count_starts(job.envelopes))
            failpoint("consumer.start_counted")
            found = list(zip(job.envelopes, starts, strict=True))
            counted = [each for each, start in found if not start.is_busy]
            open_ones = [(each, start) for each, start in found if not self._is_decided(each, start)]
            finished = await self._work_together(
                [each for each, start in open_ones if start.starts == 1 and not _is_too_old(each)]
            )
        except asyncio.CancelledError:
            await self._take_back(counted)
            raise
        left = [each for each, _ in open_ones if each not in finished]
        if left:
            await self._take_back([each for each in left if each in counted])
            failpoint("consumer.taken_back")
            await self._part(job, left)

    async def _work_together(self, envelopes: Sequence[Envelope]) -> Sequence[Envelope]:
        """Returns those that are done, in as many transactions as it takes."""
        finished: list[Envelope] = []
        left, until = envelopes, time() + GROUPS_SECONDS
        while left and time() < until:
            try:
                work = await self._desk.work(left)
            except Exception as error:  # noqa: BLE001 - whose fault it was shows when each goes alone
                if isinstance(error, Parked):
                    PARKED.labels(left[0].name).inc()
                log.info("letters_parted", event_name=left[0].name, count=len(left), reason=kind_of(error))
                break
            for envelope in work.finished:
                self._answer(envelope)
            finished += work.finished
            left = work.unfinished if work.finished else ()
        return finished

    async def _part(self, job: _Delivery, envelopes: Sequence[Envelope]) -> None:
        """Give each letter, as it came, a job of its own. One that does not get there comes again from the outbox."""
        jobs = [
            Job(
                self._desk.service,
                DELIVER,
                {"letters": [job.letters[each.event_id]], "parted": True},
                alone(job_id_of(each.event_id, each.subscriber, each.redrives, each.attempt)),
            )
            for each in envelopes
        ]
        try:
            await self._queue.publish(jobs)
        except AWAY as error:
            log.warning("letters_not_parted", error=type(error).__name__, count=len(jobs))
        else:
            failpoint("consumer.parted")

    async def _deliver_alone(self, job: _Delivery, envelope: Envelope) -> None:
        CORRELATION_ID.set(envelope.correlation_id)
        async with self._lane(job, envelope):
            try:
                start = await to_its_end(self._starts.submit(envelope))
            except asyncio.CancelledError:
                await self._take_back([envelope])
                raise
            failpoint("consumer.start_counted")
            if self._is_decided(envelope, start):
                return
            if start.is_busy:
                raise TryAgain(_jittered(BUSY_SECONDS, LONGEST_RETRY_SECONDS))
            if start.starts > MAX_STARTS:
                await self._bury(envelope, ENDED_ITS_WORKER)
            elif start.starts == 1 and _is_too_old(envelope):
                await self._bury(envelope, TOLD_TOO_LONG_AGO)
            else:
                await self._work(envelope, start.starts, job.tries)

    @asynccontextmanager
    async def _lane(self, job: _Delivery, envelope: Envelope) -> AsyncGenerator[None]:
        """Suspects run one at a time, so that one that kills its worker takes no bystander to its fifth start."""
        is_first = envelope.attempt == 1 and job.tries == 1 and not job.is_parted
        if is_first or not await self._desk.is_suspect(envelope):
            yield
        elif self._suspects.locked():
            raise TryAgain(_jittered(BUSY_SECONDS, LONGEST_RETRY_SECONDS))
        else:
            async with self._suspects:
                yield

    async def _work(self, envelope: Envelope, starts: int, tries: int) -> None:
        try:
            work = await self._desk.work([envelope])
        except asyncio.CancelledError:
            await self._take_back([envelope])
            raise
        except Parked as parked:
            PARKED.labels(envelope.name).inc()
            reason = str(parked)[:200] or "parked"
            await to_its_end(self._desk.uncount_starts([envelope], parked_reason=reason))
            # Half as long again each time: what it waits for is noticed soon, in proportion to the wait.
            raise TryAgain(_jittered(0.2 * 1.5 ** min(tries, 20), LONGEST_PARKING_SECONDS)) from None
        except Exception as error:
            if is_transient(error):
                await self._take_back([envelope])
                raise
            await self._fail(envelope, starts, error)
            return
        if work.unfinished:
            # Somebody else began it after this start was counted, and holds its row.
            self._owed.add(envelope.event_id)
            raise TryAgain(_jittered(BUSY_SECONDS, LONGEST_RETRY_SECONDS))
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
        """Uncount starts, however often this is interrupted. Where the database is away it is owed."""
        if not envelopes:
            return
        try:
            await to_its_end(self._desk.uncount_starts(envelopes))
        except Exception as error:  # noqa: BLE001 - it is made good when the event comes again
            log.info("starts_owed", count=len(envelopes), reason=kind_of(error))
            self._owed.update(each.event_id for each in envelopes)

    async def _settle_debts(self, envelopes: Sequence[Envelope]) -> None:
        owed = [each for each in envelopes if each.event_id in self._owed]
        if owed:
            await to_its_end(self._desk.uncount_starts(owed))
            self._owed.difference_update(each.event_id for each in owed)

    async def _bury(self, envelope: Envelope, reason: str) -> None:
        await self._desk.bury(envelope, reason)
        failpoint("consumer.buried")
        log.error("event_dead", event_id=str(envelope.event_id), event_name=envelope.name, reason=reason)
        self._answer(envelope, reason)


def _jittered(seconds: float, most: float) -> float:
    return min(seconds, most) * random.uniform(0.75, 1.25)  # noqa: S311 - spreading load, not a secret


def _is_too_old(envelope: Envelope) -> bool:
    """System time, like the inbox's own retention."""
    return envelope.redrives == 0 and envelope.recorded_at.timestamp() < time() - LONGEST_AGO.total_seconds()
