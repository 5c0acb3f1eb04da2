"""Embedded mode: after the business clock moved, wait until nobody has anything left to do.

`ats` asks all three services in rounds, by events. A service answers after a whole tick of its due commands that began
after the question, with what it still owes (unanswered letters, due work, unsent mail) and a counter that rises with
everything it tells. Everything is quiet when two rounds in a row owe nothing and no counter moved between them: a
letter under way is owed by its sender until its effect is committed, so nothing can hide between two services.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, Integer, String, Table, Uuid, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared import outbox, ticker
from shared.clock import Clock
from shared.consumer import Handler, Handling
from shared.database import Sessions, transaction
from shared.due_rows import count_held_back
from shared.events.ats import SettlingAsked
from shared.events.base import Event
from shared.events.clearing import ClearingSettled
from shared.events.notifications import NotificationsSettled
from shared.orm import MECHANISM
from shared.tenancy import REGION
from shared.vocabulary import Service

DueCount = Callable[[AsyncSession, datetime], Awaitable[int]]
"""How many things are due now that no due command does, such as mails waiting to be sent."""

QUESTIONS = (SettlingAsked.name, ClearingSettled.name, NotificationsSettled.name)
TICK_WAIT_SECONDS = 10.0
ROUND_WAIT_SECONDS = 15.0
GLANCE_SECONDS = 0.03

settling_answers = Table(
    "settling_answers",
    MECHANISM,
    Column("round_id", Uuid, primary_key=True),
    Column("service", String(20), primary_key=True),
    Column("backlog", Integer, nullable=False),
    Column("activity", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Report:
    """`backlog` is what a service owes; `activity` rises with each event that it records."""

    backlog: int
    activity: int


@dataclass(frozen=True, slots=True)
class Settled:
    is_settled: bool
    rounds: int
    backlogs: Mapping[Service, int]


def settling_handlers(service: Service, unfinished: DueCount | None = None) -> Mapping[type[Event], Handler]:
    """What `service` adds to its HANDLERS. `unfinished` counts what is due and is no due command's work."""

    async def on_settling_asked(handling: Handling, event: SettlingAsked) -> None:
        report = await _report(handling, unfinished)
        match service:
            case Service.ATS:
                await _note(handling.session, event.round_id, service, report)
            case Service.CLEARING:
                await _tell(handling, ClearingSettled, event.round_id, report)
            case Service.NOTIFICATIONS:
                await _tell(handling, NotificationsSettled, event.round_id, report)

    if service is not Service.ATS:
        return MappingProxyType({SettlingAsked: on_settling_asked})
    return MappingProxyType(
        {
            SettlingAsked: on_settling_asked,
            ClearingSettled: _on_clearing_settled,
            NotificationsSettled: _on_notifications_settled,
        }
    )


async def settle(sessions: Sessions, clock: Clock, *, within_seconds: float) -> Settled:
    """Ask in rounds until everything is quiet, or until the time is over; then say who still owes what."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    before: dict[Service, Report] = {}
    known: dict[Service, Report] = {}
    rounds = 0
    while asyncio.get_running_loop().time() < deadline:
        rounds += 1
        reports = await _ask(sessions, clock, deadline)
        is_quiet = len(reports) == len(Service) and not any(each.backlog for each in reports.values())
        if is_quiet and reports == before:
            return Settled(True, rounds, dict.fromkeys(Service, 0))
        before = reports
        known |= reports
    # A service that never answered owes at least its answer.
    return Settled(False, rounds, {each: known[each].backlog if each in known else 1 for each in Service})


async def _ask(sessions: Sessions, clock: Clock, deadline: float) -> dict[Service, Report]:
    round_id = uuid4()
    async with transaction(sessions, REGION) as session:
        await outbox.record(session, SettlingAsked(round_id=round_id), now=clock.now())
    loop = asyncio.get_running_loop()
    until = min(deadline, loop.time() + ROUND_WAIT_SECONDS)
    query = select(settling_answers).where(settling_answers.c.round_id == round_id)
    while True:
        async with transaction(sessions, REGION) as session:
            rows = (await session.execute(query)).all()
        if len(rows) == len(Service) or loop.time() > until:
            return {Service(row.service): Report(row.backlog, row.activity) for row in rows}
        await asyncio.sleep(GLANCE_SECONDS)


async def _report(handling: Handling, unfinished: DueCount | None) -> Report:
    """Due work is done by the tick, in its own transactions: here it is only waited for."""
    session = handling.session
    ticker.hurry()
    ticked = await _ticked_after(session, handling.occurred_at)
    letters, events = outbox.outbox, outbox.events
    owed = await session.scalar(
        select(func.count())
        .select_from(letters.join(events))
        .where(letters.c.acknowledged_at.is_(None), letters.c.dead_at.is_(None), events.c.name.not_in(QUESTIONS))
    )
    activity = await session.scalar(select(func.max(events.c.seq)).where(events.c.name.not_in(QUESTIONS)))
    waiting = await unfinished(session, handling.now) if unfinished else 0
    waiting += await count_held_back(session)
    return Report(backlog=(owed or 0) + waiting + (not ticked), activity=activity or 0)


async def _ticked_after(session: AsyncSession, instant: datetime) -> bool:
    """Whether a tick that began after `instant` (business time) came to its end, within TICK_WAIT_SECONDS."""
    for _ in range(round(TICK_WAIT_SECONDS / GLANCE_SECONDS)):
        reached = await ticker.ticked_until(session)
        if reached is not None and reached > instant:
            return True
        await asyncio.sleep(GLANCE_SECONDS)
    return False


async def _tell(handling: Handling, told: Any, round_id: UUID, report: Report) -> None:
    answer = told(round_id=round_id, backlog=report.backlog, activity=report.activity)
    await outbox.record(handling.session, answer, now=handling.now)


async def _on_clearing_settled(handling: Handling, event: ClearingSettled) -> None:
    await _note(handling.session, event.round_id, Service.CLEARING, Report(event.backlog, event.activity))


async def _on_notifications_settled(handling: Handling, event: NotificationsSettled) -> None:
    await _note(handling.session, event.round_id, Service.NOTIFICATIONS, Report(event.backlog, event.activity))


async def _note(session: AsyncSession, round_id: UUID, service: Service, report: Report) -> None:
    values = {"round_id": round_id, "service": service, "backlog": report.backlog, "activity": report.activity}
    await session.execute(insert(settling_answers).values(values).on_conflict_do_nothing())
