"""Due work row by row: one that cannot be done is left due for later, and never stops the others.

Each row has a savepoint of its own. One that fails is rolled back alone, written down by id and kind of error, and held
back: 2, 4, 8 … seconds of system time, at most a quarter of an hour. A command asks only for rows `not_held_back`, so
that many bad rows do not fill its batches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    SQLColumnExpression,
    String,
    Table,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.error_reports import kind_of, place_of
from shared.orm import MECHANISM
from shared.ticker import name_of

log = structlog.get_logger()

FAILED = Counter("due_rows_failed_total", "Rows whose due work failed and was put off", ["command"])

Step = Callable[[UUID], Awaitable[None]]
"""Does what is due of the row with this id: it loads and locks the row itself."""

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 900.0
# What is still due is tried again, and written down again, long before this.
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_DOUBLINGS = 20

due_failures = Table(
    "due_failures",
    MECHANISM,
    Column("command", String(120), primary_key=True),
    Column("row_id", Uuid, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Index("ix_due_failures_next_at", "next_at"),
)

_pause = func.make_interval(
    0, 0, 0, 0, 0, 0, func.least(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * func.pow(2.0, bindparam("doublings")))
)
_first = insert(due_failures).values(
    command=bindparam("command"),
    row_id=bindparam("row_id"),
    failures=bindparam("failures"),
    reason=bindparam("reason"),
    failed_at=func.clock_timestamp(),
    next_at=func.clock_timestamp() + _pause,
)
_FAILED = _first.on_conflict_do_update(
    index_elements=[due_failures.c.command, due_failures.c.row_id],
    set_={name: _first.excluded[name] for name in ("failures", "reason", "failed_at", "next_at")},
)


def not_held_back(command: Callable[..., Any], row_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """For the query of a due command: true of rows that did not just fail."""
    held = select(text("1")).where(
        due_failures.c.command == name_of(command),
        due_failures.c.row_id == row_id,
        due_failures.c.next_at > func.clock_timestamp(),
    )
    return ~held.exists()


async def do_each(session: AsyncSession, command: Callable[..., Any], row_ids: Sequence[UUID], step: Step) -> int:
    """Do `step` for each row; one that fails is put off. Returns how many were tried.

    `command` is the due command that asks. Only ids are taken: what was loaded before a failure is out of date.
    """
    if not row_ids:
        return 0
    name = name_of(command)
    failures = await _failures(session, name, row_ids)
    for row_id in row_ids:
        try:
            async with session.begin_nested():
                await step(row_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the other rows go on
            session.expunge_all()
            await _put_off(session, name, row_id, failures.get(row_id, 0) + 1, error)
        else:
            if row_id in failures:
                await session.execute(delete(due_failures).where(_is(name, row_id)))
    return len(row_ids)


async def _failures(session: AsyncSession, command: str, row_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(due_failures.c.row_id, due_failures.c.failures).where(
        due_failures.c.command == command, due_failures.c.row_id.in_(row_ids)
    )
    return {row.row_id: row.failures for row in await session.execute(query)}


async def _put_off(session: AsyncSession, command: str, row_id: UUID, failures: int, error: Exception) -> None:
    """Raises the database's error when it was the connection that went: then the whole command is tried again."""
    reason = kind_of(error)[:200]
    values = {"command": command, "row_id": row_id, "failures": failures, "reason": reason}
    await session.execute(_FAILED, values | {"doublings": min(failures - 1, MOST_DOUBLINGS)})
    FAILED.labels(command).inc()
    log.error(
        "due_row_failed",
        command=command,
        row_id=str(row_id),
        failures=failures,
        reason=reason,
        place=place_of(error),
    )


def _is(command: str, row_id: UUID) -> ColumnElement[bool]:
    return (due_failures.c.command == command) & (due_failures.c.row_id == row_id)


async def count_held_back(session: AsyncSession) -> int:
    """Rows that are due, failed, and wait to be tried again."""
    query = select(func.count()).select_from(due_failures).where(due_failures.c.next_at > func.clock_timestamp())
    return await session.scalar(query) or 0


async def forget_failures(session: AsyncSession, _now: datetime) -> int:
    """Due work: forget failures of rows that are due no longer, which nobody has tried for an hour."""
    old = due_failures.c.next_at < func.clock_timestamp() - FORGOTTEN_AFTER
    await session.execute(delete(due_failures).where(old))
    return 0
