"""Moving the business clock: the answer comes when three services with real workers and relays have nothing left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import settling, worker
from shared.clock import ShiftedClock
from shared.consumer import Handling
from shared.database import Sessions, transaction
from shared.events.ats import OpeningReserved
from shared.events.base import Event
from shared.events.clearing import OpeningReturned
from shared.inbox import Parked
from shared.outbox import record
from shared.settling import settle, settling_handlers
from shared.tenancy import REGION
from shared.vocabulary import Service
from shared.worker import ServiceWorker, run_relay, run_worker
from tests.factories.events import opening_reserved
from tests.mechanism import Mechanism


@pytest.fixture
def clock(mechanism: Mechanism) -> ShiftedClock:
    file = mechanism.settings(Service.ATS).clock_file
    file.unlink(missing_ok=True)
    return ShiftedClock(file)


class Region:
    """A small one: every six days of business time `ats` reserves an opening, which clearing gives back, which `ats`
    answers with another opening, and so on for `echoes` times across the queue.
    """

    def __init__(self) -> None:
        self.due_at = datetime.now(UTC) + timedelta(days=6)
        self.echoes = 3
        self.told = 0
        self.unsent = 0
        self.parks = False

    async def reserve(self, session: AsyncSession, now: datetime) -> int:
        if now < self.due_at:
            return 0
        self.due_at += timedelta(days=6)
        await record(session, opening_reserved(), now=now)
        self.told += 1
        return 1

    async def give_back(self, handling: Handling, event: OpeningReserved) -> None:
        if self.parks:
            raise Parked("vacancy_unknown")
        returned = OpeningReturned(
            vacancy_id=event.vacancy_id,
            gaining_employer_id=event.employer_id,
            request_id=event.request_id,
            referral_id=event.referral_id,
            reason="lapsed",
        )
        await record(handling.session, returned, now=handling.now)

    async def reserve_again(self, handling: Handling, event: OpeningReturned) -> None:
        if self.echoes > 0:
            self.echoes -= 1
            self.told += 1
            await record(handling.session, opening_reserved(vacancy_id=event.vacancy_id), now=handling.now)

    async def count_unsent(self, _session: AsyncSession, _now: datetime) -> int:
        return self.unsent

    def workers(self) -> list[ServiceWorker]:
        ats: dict[type[Event], Any] = {OpeningReturned: self.reserve_again, **settling_handlers(Service.ATS)}
        clearing: dict[type[Event], Any] = {
            OpeningReserved: self.give_back,
            **settling_handlers(Service.CLEARING),
        }
        return [
            ServiceWorker(service=Service.ATS, handlers=ats, due=[self.reserve]),
            ServiceWorker(service=Service.CLEARING, handlers=clearing),
            ServiceWorker(
                service=Service.NOTIFICATIONS,
                handlers=settling_handlers(Service.NOTIFICATIONS, self.count_unsent),
            ),
        ]


@asynccontextmanager
async def running(mechanism: Mechanism, *workers: ServiceWorker) -> AsyncGenerator[None]:
    """Workers and relays of the three services in this process."""
    stopping = asyncio.Event()
    settings = {service: mechanism.settings(service) for service in Service}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "_stopping", lambda: stopping)
        tasks = [asyncio.create_task(run_worker(each, settings[each.service])) for each in workers]
        tasks += [asyncio.create_task(run_relay(settings[service])) for service in Service]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*tasks)


async def unsettled_until(told: Sessions, clock: ShiftedClock, holds: Callable[[Mapping[Service, int]], bool]) -> None:
    """It is never settled, and what each service owes is found out: soon, unless this machine does much else."""
    for seconds in (1, 2, 4, 8, 16):
        settled = await settle(told, clock, within_seconds=seconds)
        assert not settled.is_settled
        if holds(settled.backlogs):
            return
    raise AssertionError(settled.backlogs)


async def test_it_answers_after_due_work_and_everything_that_follows_from_it(
    mechanism: Mechanism, told: Sessions, clock: ShiftedClock
) -> None:
    region = Region()
    async with running(mechanism, *region.workers()):
        first = await settle(told, clock, within_seconds=60)
        assert (first.is_settled, region.told) == (True, 0)
        clock.advance(timedelta(days=13))
        second = await settle(told, clock, within_seconds=60)
    assert second.is_settled
    assert second.rounds >= 2
    # Two reservations fell due; the first three echoes came back through both services.
    assert region.told == 5
    unanswered = mechanism.query(
        "SELECT e.name FROM ats.outbox o JOIN ats.events e ON e.id = o.event_id WHERE o.acknowledged_at IS NULL"
    )
    assert {name for (name,) in unanswered} <= {"ats.settling_asked.v1"}
    assert mechanism.scalar("SELECT count(*) FROM clearing.events WHERE name LIKE '%%returned%%'") == 5


async def test_what_cannot_be_finished_is_named_when_the_time_is_over(
    mechanism: Mechanism, told: Sessions, clock: ShiftedClock
) -> None:
    region = Region()
    region.unsent = 2
    async with running(mechanism, *region.workers()):
        await unsettled_until(told, clock, lambda owed: owed[Service.NOTIFICATIONS] == 2)
        region.unsent, region.parks = 0, True
        clock.advance(timedelta(days=6))
        await unsettled_until(told, clock, lambda owed: owed[Service.ATS] == 1)
        region.parks = False
        assert (await settle(told, clock, within_seconds=90)).is_settled


async def test_a_due_command_that_fails_is_not_called_settled(
    mechanism: Mechanism, told: Sessions, clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "TICK_WAIT_SECONDS", 0.5)
    region = Region()

    async def fails(session: AsyncSession, _now: datetime) -> int:
        await session.execute(text("SELECT 1 / 0"))
        return 0

    ats, clearing, notifications = region.workers()
    broken = ServiceWorker(service=Service.CLEARING, handlers=clearing.handlers, due=[fails])
    async with running(mechanism, ats, broken, notifications):
        # Clearing's answer may come with the time, but it always owes the tick.
        await unsettled_until(told, clock, lambda owed: owed[Service.CLEARING] >= 1 and not owed[Service.ATS])


async def test_a_service_that_is_down_is_named(mechanism: Mechanism, told: Sessions, clock: ShiftedClock) -> None:
    ats, clearing, _ = Region().workers()
    async with running(mechanism, ats, clearing):
        settled = await settle(told, clock, within_seconds=3)
    assert not settled.is_settled
    assert settled.backlogs[Service.NOTIFICATIONS] >= 1


async def test_questions_are_not_counted_among_what_is_owed_or_done(
    mechanism: Mechanism, told: Sessions, clock: ShiftedClock
) -> None:
    async with transaction(told, REGION) as session:
        await record(session, opening_reserved(), now=clock.now())
    region = Region()
    region.echoes = 0
    async with running(mechanism, *region.workers()):
        assert (await settle(told, clock, within_seconds=60)).is_settled
        before = mechanism.scalar("SELECT count(*) FROM ats.events WHERE name NOT LIKE '%%settl%%'")
        assert (await settle(told, clock, within_seconds=60)).is_settled
    assert mechanism.scalar("SELECT count(*) FROM ats.events WHERE name NOT LIKE '%%settl%%'") == before == 1
