"""What a service has heard: starts are counted before the work, and the work is claimed in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    bindparam,
    case,
    column,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.orm import MECHANISM

MAX_STARTS = 5

inbox = Table(
    "inbox",
    MECHANISM,
    Column("event_id", Uuid, primary_key=True),
    Column("producer", String(20), nullable=False),
    Column("name", String(100), nullable=False),
    Column("starts", Integer, nullable=False, server_default="0"),
    Column("redrives", Integer, nullable=False, server_default="0"),
    # Deliveries that came after the work was done: counted, acknowledged again, and otherwise without effect.
    Column("duplicates", Integer, nullable=False, server_default="0"),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("processed_at", DateTime(timezone=True)),
    Column("parked_reason", String(200)),
    Column("dead_at", DateTime(timezone=True)),
    Column("dead_reason", String(200)),
    Index("ix_inbox_unprocessed", "started_at", postgresql_where=text("processed_at IS NULL")),
)


class Parked(Exception):
    """What this fact builds on has not come yet: try again soon, without counting a start.

    Raised by a handler with a reason that holds no personal data.
    """


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery, as far as the inbox is concerned."""

    event_id: UUID
    producer: str
    name: str
    redrives: int


@dataclass(frozen=True, slots=True)
class Start:
    """What counting a start found. `starts` includes this one; it does not rise once the event is processed."""

    starts: int
    is_processed: bool
    dead_reason: str | None


_arrivals = (
    func.unnest(
        bindparam("event_ids", type_=ARRAY(Uuid)),
        bindparam("producers", type_=ARRAY(String)),
        bindparam("names", type_=ARRAY(String)),
        bindparam("redrives", type_=ARRAY(Integer)),
    )
    .table_valued(
        column("event_id", Uuid),
        column("producer", String),
        column("name", String),
        column("redrives", Integer),
        name="arrivals",
    )
    .render_derived()
)
_first = insert(inbox).from_select(
    ["event_id", "producer", "name", "redrives", "starts"],
    # One order for everyone, so that two workers that count the same events do not deadlock.
    select(_arrivals.c.event_id, _arrivals.c.producer, _arrivals.c.name, _arrivals.c.redrives, literal(1)).order_by(
        _arrivals.c.event_id
    ),
)
_is_redriven = _first.excluded.redrives > inbox.c.redrives
_COUNT = _first.on_conflict_do_update(
    index_elements=[inbox.c.event_id],
    set_={
        "starts": case(
            (inbox.c.processed_at.is_not(None), inbox.c.starts), (_is_redriven, 1), else_=inbox.c.starts + 1
        ),
        "duplicates": inbox.c.duplicates + case((inbox.c.processed_at.is_not(None), 1), else_=0),
        "redrives": func.greatest(inbox.c.redrives, _first.excluded.redrives),
        "started_at": case((inbox.c.processed_at.is_not(None), inbox.c.started_at), else_=func.clock_timestamp()),
        "dead_at": case((_is_redriven, None), else_=inbox.c.dead_at),
        "dead_reason": case((_is_redriven, None), else_=inbox.c.dead_reason),
    },
).returning(inbox.c.event_id, inbox.c.starts, inbox.c.processed_at, inbox.c.dead_reason)


async def count_starts(session: AsyncSession, arrivals: Sequence[Arrival]) -> list[Start]:
    """Count one start for each arrival (of different events), in the order given. A redriven event counts anew."""
    found = await session.execute(
        _COUNT,
        {
            "event_ids": [each.event_id for each in arrivals],
            "producers": [each.producer for each in arrivals],
            "names": [each.name for each in arrivals],
            "redrives": [each.redrives for each in arrivals],
        },
    )
    by_id = {row.event_id: Start(row.starts, row.processed_at is not None, row.dead_reason) for row in found}
    return [by_id[each.event_id] for each in arrivals]


async def is_suspect(session: AsyncSession, event_id: UUID) -> bool:
    """Whether an earlier start of this event never came to an end: it may be what ended its worker."""
    query = select(inbox.c.starts).where(
        inbox.c.event_id == event_id, inbox.c.processed_at.is_(None), inbox.c.starts > 0
    )
    return await session.scalar(query) is not None


async def claim(session: AsyncSession, event_ids: Sequence[UUID]) -> set[UUID]:
    """Take events for this transaction: those that no other has done, after waiting for it to end."""
    claimed = await session.scalars(
        update(inbox)
        .where(inbox.c.event_id.in_(event_ids), inbox.c.processed_at.is_(None))
        .values(processed_at=func.clock_timestamp(), parked_reason=None)
        .returning(inbox.c.event_id)
    )
    return set(claimed)


async def uncount_starts(session: AsyncSession, event_ids: Sequence[UUID], *, parked_reason: str | None = None) -> None:
    """Take back starts that were no fault of the events: parked, interrupted, a part away, or another's trouble."""
    await session.execute(
        update(inbox)
        .where(inbox.c.event_id.in_(event_ids), inbox.c.processed_at.is_(None))
        .values(starts=func.greatest(inbox.c.starts - 1, 0), parked_reason=parked_reason)
    )


async def bury(session: AsyncSession, event_id: UUID, reason: str) -> None:
    """No further start until it is redriven."""
    await session.execute(
        update(inbox)
        .where(inbox.c.event_id == event_id, inbox.c.processed_at.is_(None), inbox.c.dead_at.is_(None))
        .values(dead_at=func.clock_timestamp(), dead_reason=reason)
    )
