"""States that the rules never lead to, looked for once a day: each is a query, what it means and the way out of it.

What is found becomes a row, until it is found no longer, and the administrators who can see to it are written to once.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from prometheus_client import Gauge
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Uuid,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.calendar import local_date
from shared.error_reports import kind_of, place_of

log = structlog.get_logger()

OPEN = Gauge("impossible_states_open", "Impossible states that the last run found", ["rule"])
FAILED = Gauge("impossible_state_rules_failed", "Rules that the last run could not ask")
AT_MOST = 1000
"""Rows of one rule that a run takes: beyond, the rule itself is what somebody has to look at."""


@dataclass(frozen=True, slots=True)
class ImpossibleState:
    """`query` gives (employer_id, subject_id) of what should not be. It never reads a column about a person."""

    code: str
    subject: str
    meaning: str
    way_out: str
    query: Select[Any, Any]


@dataclass(frozen=True, slots=True)
class Detector:
    """One service's rules and its two tables."""

    rules: Sequence[ImpossibleState]
    finds: Table
    runs: Table

    def rule_of(self, code: str) -> ImpossibleState | None:
        return next((each for each in self.rules if each.code == code), None)


Tell = Callable[[AsyncSession, UUID | None, int], Awaitable[None]]
"""Writes to whoever can see to so many new finds at an employer."""


def declare_finds(metadata: MetaData) -> tuple[Table, Table]:
    finds = Table(
        "impossible_states",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("employer_id", Uuid),
        Column("rule", String(60), nullable=False),
        Column("subject_kind", String(40), nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("found_at", DateTime(timezone=True), nullable=False),
        Column("gone_at", DateTime(timezone=True)),
        Index("uq_impossible_states_open", "rule", "subject_id", unique=True, postgresql_where=text("gone_at IS NULL")),
    )
    runs = Table(
        "detector_runs",
        metadata,
        Column("ran_on", Date, primary_key=True),
        Column("ran_at", DateTime(timezone=True), nullable=False),
        Column("found", Integer, nullable=False),
        Column("failed", Integer, nullable=False),
    )
    return finds, runs


async def detect_daily(session: AsyncSession, detector: Detector, tell: Tell, *, now: datetime) -> int:
    """Due work: once on each local day. A rule that cannot be asked stops no other."""
    today = local_date(now)
    # Another worker that looks at the same time waits here, and finds that the day is done.
    begun = insert(detector.runs).values(ran_on=today, ran_at=now, found=0, failed=0).on_conflict_do_nothing()
    if await session.scalar(begun.returning(detector.runs.c.ran_on)) is None:
        return 0
    found, failed = 0, 0
    new: Tally[UUID | None] = Tally()
    for rule in detector.rules:
        try:
            async with session.begin_nested():
                rows = (await session.execute(rule.query.limit(AT_MOST))).all()
                seen = {row.subject_id: row.employer_id for row in rows}
                new.update(await _note(session, detector.finds, rule, seen, now=now))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one rule, the others are asked
            log.error("impossible_state_rule_failed", rule=rule.code, error=kind_of(error), place=place_of(error))
            failed += 1
        else:
            found += len(seen)
            OPEN.labels(rule.code).set(len(seen))
    FAILED.set(failed)
    for employer_id, count in new.items():
        log.error("impossible_states_found", employer_id=str(employer_id or ""), count=count)
        await tell(session, employer_id, count)
    done = update(detector.runs).where(detector.runs.c.ran_on == today).values(found=found, failed=failed)
    await session.execute(done)
    return 0


async def open_finds(session: AsyncSession, detector: Detector) -> Sequence[Any]:
    """What the caller may see of what stands, newest first."""
    finds = detector.finds
    query = select(finds).where(finds.c.gone_at.is_(None)).order_by(finds.c.found_at.desc(), finds.c.id)
    return (await session.execute(query.limit(AT_MOST))).all()


async def _note(
    session: AsyncSession, finds: Table, rule: ImpossibleState, seen: dict[UUID, UUID | None], *, now: datetime
) -> list[UUID | None]:
    """Add what is new and end what is there no longer. The employer of each new one."""
    of_rule = select(finds.c.subject_id).where(finds.c.rule == rule.code, finds.c.gone_at.is_(None))
    known = set(await session.scalars(of_rule))
    gone = update(finds).where(
        finds.c.rule == rule.code, finds.c.gone_at.is_(None), finds.c.subject_id.in_(known - set(seen))
    )
    if known - set(seen):
        await session.execute(gone.values(gone_at=now))
    new = {subject_id: employer_id for subject_id, employer_id in seen.items() if subject_id not in known}
    rows = [
        {
            "id": uuid4(),
            "employer_id": employer_id,
            "rule": rule.code,
            "subject_kind": rule.subject,
            "subject_id": subject_id,
            "found_at": now,
        }
        for subject_id, employer_id in new.items()
    ]
    if rows:
        await session.execute(insert(finds), rows)
    return list(new.values())
