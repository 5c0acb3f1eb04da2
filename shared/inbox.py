"""What a service has heard: starts are counted before the work, and the work is claimed in its own transaction.

Nobody waits here for another worker's claim, which lasts as long as its work: an event that is being worked on is busy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import time
from typing import Any
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
    delete,
    exists,
    func,
    literal,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.orm import MECHANISM

MAX_STARTS = 5
# Whoever counts holds its rows for a moment; one that was stopped in that moment must not stop the others.
COUNTING_WAITS = "300ms"
# An event that was told longer ago and is not found here may have been processed and forgotten.
KEPT_FOR = timedelta(days=400)
PRUNED_AT_ONCE = 1000

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
    """What counting a start found. `starts` includes this one; it does not rise once the event is processed.

    `is_busy`: another worker is at it, and nothing was counted.
    """

    starts: int
    is_processed: bool = False
    dead_reason: str | None = None
    is_busy: bool = False


BUSY = Start(0, is_busy=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """Which events this transaction took, and which were processed before. Any other is busy."""

    taken: frozenset[UUID]
    processed: frozenset[UUID]


_arrivals = select(
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
        name="each",
    )
    .render_derived()
).cte("arrivals")
_free = (
    select(inbox.c.event_id)
    .join(_arrivals, _arrivals.c.event_id == inbox.c.event_id)
    .with_for_update(of=inbox, skip_locked=True)
    .cte("free")
)
_found = (inbox.c.event_id, inbox.c.starts, inbox.c.processed_at, inbox.c.dead_reason)
_is_redriven = _arrivals.c.redrives > inbox.c.redrives
_again = (
    update(inbox)
    .where(inbox.c.event_id == _arrivals.c.event_id, inbox.c.event_id.in_(select(_free.c.event_id)))
    .values(
        starts=case((inbox.c.processed_at.is_not(None), inbox.c.starts), (_is_redriven, 1), else_=inbox.c.starts + 1),
        duplicates=inbox.c.duplicates + case((inbox.c.processed_at.is_not(None), 1), else_=0),
        redrives=func.greatest(inbox.c.redrives, _arrivals.c.redrives),
        started_at=case((inbox.c.processed_at.is_not(None), inbox.c.started_at), else_=func.clock_timestamp()),
        dead_at=case((_is_redriven, None), else_=inbox.c.dead_at),
        dead_reason=case((_is_redriven, None), else_=inbox.c.dead_reason),
    )
    .returning(*_found)
    .cte("again")
)
_first = (
    insert(inbox)
    .from_select(
        ["event_id", "producer", "name", "redrives", "starts"],
        select(_arrivals.c.event_id, _arrivals.c.producer, _arrivals.c.name, _arrivals.c.redrives, literal(1))
        # A row that is there is not touched: to collide with it would be to wait for its claim.
        .where(~exists().where(inbox.c.event_id == _arrivals.c.event_id))
        # One order for everyone, so that two workers that count the same events do not deadlock.
        .order_by(_arrivals.c.event_id),
    )
    .on_conflict_do_nothing()
    .returning(*_found)
    .cte("first")
)
_COUNT = union_all(select(_again), select(_first))
_LIMIT_WAITS = text("SELECT set_config('lock_timeout', :longest, true)")


async def count_starts(session: AsyncSession, arrivals: Sequence[Arrival]) -> list[Start]:
    """Count one start for each arrival (of different events), in the order given. A redriven event counts anew."""
    await session.execute(_LIMIT_WAITS, {"longest": COUNTING_WAITS})
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
    return [by_id.get(each.event_id, BUSY) for each in arrivals]


async def is_suspect(session: AsyncSession, event_id: UUID) -> bool:
    """Whether an earlier start of this event never came to an end: it may be what ended its worker."""
    query = select(inbox.c.starts).where(
        inbox.c.event_id == event_id, inbox.c.processed_at.is_(None), inbox.c.starts > 0
    )
    return await session.scalar(query) is not None


async def claim(session: AsyncSession, event_ids: Sequence[UUID]) -> Claim:
    """Take for this transaction those of these events that nobody has done or is at."""
    taken = await session.scalars(
        update(inbox)
        .where(inbox.c.event_id.in_(_free_of(event_ids)))
        .values(processed_at=func.clock_timestamp(), parked_reason=None)
        .returning(inbox.c.event_id)
    )
    claimed = frozenset(taken)
    left = [each for each in event_ids if each not in claimed]
    if not left:
        return Claim(claimed, frozenset())
    done = select(inbox.c.event_id).where(inbox.c.event_id.in_(left), inbox.c.processed_at.is_not(None))
    return Claim(claimed, frozenset(await session.scalars(done)))


async def unclaim(session: AsyncSession, event_ids: Sequence[UUID]) -> None:
    """Give back, in the transaction that claimed them, events that it will not do after all."""
    await session.execute(update(inbox).where(inbox.c.event_id.in_(event_ids)).values(processed_at=None))


async def uncount_starts(session: AsyncSession, event_ids: Sequence[UUID], *, parked_reason: str | None = None) -> None:
    """Take back starts that were no fault of the events: parked, interrupted, a part away, or another's trouble.

    One that another worker is at by now stays counted: nobody waits for its end.
    """
    await session.execute(
        update(inbox)
        .where(inbox.c.event_id.in_(_free_of(event_ids)))
        .values(starts=func.greatest(inbox.c.starts - 1, 0), parked_reason=parked_reason)
    )


def _free_of(event_ids: Sequence[UUID]) -> Any:
    """Those that are not processed, and that no other transaction holds."""
    free = select(inbox.c.event_id).where(inbox.c.event_id.in_(event_ids), inbox.c.processed_at.is_(None))
    return free.order_by(inbox.c.event_id).with_for_update(skip_locked=True)


async def bury(session: AsyncSession, event_id: UUID, reason: str) -> None:
    """No further start until it is redriven."""
    await session.execute(
        update(inbox)
        .where(inbox.c.event_id == event_id, inbox.c.processed_at.is_(None), inbox.c.dead_at.is_(None))
        .values(dead_at=func.clock_timestamp(), dead_reason=reason)
    )


async def prune_inbox(session: AsyncSession, _now: datetime) -> int:
    """Due work: forget what was told and processed more than 400 days ago, some at a time. System time.

    An event's id is a UUIDv7, which begins with its milliseconds: so the primary key finds the old ones.
    """
    oldest_kept = UUID(int=int((time() - KEPT_FOR.total_seconds()) * 1000) << 80)
    old = (
        select(inbox.c.event_id)
        .where(inbox.c.event_id < oldest_kept, inbox.c.processed_at < func.clock_timestamp() - KEPT_FOR)
        .order_by(inbox.c.event_id)
        .limit(PRUNED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    result = await session.execute(delete(inbox).where(inbox.c.event_id.in_(old)).returning(inbox.c.event_id))
    return len(result.all())
