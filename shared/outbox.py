"""The one way a service tells anything: a row written in the same transaction as the change it tells of.

`events` is the append-only log of what this service said; `outbox` holds one row per event and subscriber until that
subscriber has answered. `shared.relay` sends, `shared.acknowledging` takes the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
    column,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import UserDefinedType
from uuid6 import uuid7

from shared.events.base import Event, Sealed
from shared.events.routing import SUBSCRIBERS
from shared.failpoints import failpoint
from shared.logging import CORRELATION_ID
from shared.many_rows import insert_rows
from shared.orm import MECHANISM
from shared.rls import EMPLOYERS, REGION
from shared.sealing import keyring
from shared.vocabulary import Service


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, which never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


UNANSWERED = "acknowledged_at IS NULL AND dead_at IS NULL"

events = Table(
    "events",
    MECHANISM,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    # Readers go in (xact_id, seq) order and stop before the oldest running transaction: none is ever skipped.
    Column("xact_id", TransactionId, nullable=False, server_default=func.pg_current_xact_id()),
    Column("name", String(100), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("aggregate", String(40), nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_version", Integer),
    Column("readers", ARRAY(Uuid), nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("correlation_id", String(64)),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    UniqueConstraint("xact_id", "seq"),
    Index(None, "aggregate_id"),
)

outbox = Table(
    "outbox",
    MECHANISM,
    Column("event_id", ForeignKey(events.c.id), primary_key=True),
    Column("subscriber", String(20), primary_key=True),
    Column("sealed", Text),
    # How often it was sent since it was recorded or redriven; `sent_at` is the last time, `sent_with` the event whose
    # job it travelled in: in a burst, letters of one name travel together.
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", DateTime(timezone=True)),
    Column("sent_with", Uuid),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("dead_at", DateTime(timezone=True)),
    Column("dead_reason", String(200)),
    Column("redrives", Integer, nullable=False, server_default="0"),
    Index("ix_outbox_unsent", "subscriber", "next_at", postgresql_where=text(f"attempts = 0 AND {UNANSWERED}")),
    Index("ix_outbox_sent", "next_at", postgresql_where=text(f"attempts > 0 AND {UNANSWERED}")),
    Index("ix_outbox_dead", "dead_at", postgresql_where=text("dead_at IS NOT NULL")),
    Index("ix_outbox_acknowledged", "acknowledged_at", postgresql_where=text("acknowledged_at IS NOT NULL")),
)


def policies(schema: str) -> Iterator[str]:
    """The log is append-only for everyone, its owner too; an employer reads what concerns it, the region all.

    Anyone's transaction may add an event (a candidate's, say), so adding is open. The outbox has no policies: it holds
    no tenant, and only relay and workers read it.
    """
    table = f"{schema}.{events.name}"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY may_read ON {table} FOR SELECT USING ({REGION} OR readers && {EMPLOYERS})"
    yield f"CREATE POLICY may_insert ON {table} FOR INSERT WITH CHECK (true)"


_FIELDS = (
    "name",
    "kind",
    "aggregate",
    "aggregate_id",
    "aggregate_version",
    "readers",
    "payload",
    "correlation_id",
    "occurred_at",
)
_EVENT = insert(events).values(id=bindparam("id"), **{each: bindparam(each) for each in _FIELDS})
_LETTERS = (
    func.unnest(bindparam("subscribers", type_=ARRAY(String)), bindparam("sealed", type_=ARRAY(Text)))
    .table_valued(column("subscriber", String), column("sealed", Text), name="letters")
    .render_derived()
)
_EVENT_WITH_LETTERS = (
    insert(outbox)
    .from_select(
        ["event_id", "subscriber", "sealed"],
        select(bindparam("id", type_=Uuid), _LETTERS.c.subscriber, _LETTERS.c.sealed),
    )
    .add_cte(_EVENT.cte("recorded"))
)


class SealedPartMismatch(TypeError):
    """The sealed parts given are not those that the event's `sealed_for` names."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An event with the sealed part of each subscriber that gets one."""

    event: Event
    sealed: Mapping[Service, Sealed] = field(default_factory=dict, repr=False)


async def record(
    session: AsyncSession, event: Event, *, now: datetime, sealed: Mapping[Service, Sealed] | None = None
) -> UUID:
    """Tell a fact to whom `routing.py` says, and put it into the event log. Returns the event's id.

    `now` is the business instant of the fact. `sealed` gives each subscriber of `sealed_for` its part. Nothing is sent
    unless the transaction commits. Raises SealedPartMismatch for a missing, surplus or wrong part.
    """
    row = _row(Telling(event, sealed or {}), now)
    await session.execute(_EVENT_WITH_LETTERS if SUBSCRIBERS[type(event)] else _EVENT, row)
    failpoint("command.recorded")
    return row["id"]


async def record_all(session: AsyncSession, tellings: Sequence[Telling], *, now: datetime) -> None:
    """Tell many facts of one instant, in two round trips however many they are. Raises SealedPartMismatch."""
    rows = [_row(each, now) for each in tellings]
    letters = [
        {"event_id": row["id"], "subscriber": subscriber, "sealed": sealed}
        for row in rows
        for subscriber, sealed in zip(row.pop("subscribers", ()), row.pop("sealed", ()), strict=True)
    ]
    await insert_rows(session, events, rows)
    await insert_rows(session, outbox, letters)
    if rows:
        failpoint("command.recorded")


def _row(telling: Telling, now: datetime) -> dict[str, Any]:
    """Raises SealedPartMismatch."""
    event, parts = telling.event, telling.sealed
    subscribers = SUBSCRIBERS[type(event)]
    if {service: type(part) for service, part in parts.items()} != event.sealed_for:
        raise SealedPartMismatch(f"{event.name} needs sealed parts for {sorted(event.sealed_for)}")
    event_id = uuid7()
    row = {
        "id": event_id,
        "name": event.name,
        "kind": event.kind,
        "aggregate": event.aggregate,
        "aggregate_id": event.aggregate_id,
        "aggregate_version": event.aggregate_version,
        "readers": sorted(event.readers),
        "payload": event.model_dump(mode="json"),
        "correlation_id": CORRELATION_ID.get(),
        "occurred_at": now,
    }
    if not subscribers:
        return row
    ring = keyring() if parts else None
    tokens = [
        ring.seal(parts[each], subscriber=each, event_id=event_id) if ring and each in parts else None
        for each in subscribers
    ]
    return row | {"subscribers": list(subscribers), "sealed": tokens}
