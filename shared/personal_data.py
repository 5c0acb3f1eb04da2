"""Which rows and columns are about a person, said once per table: what is shown on request, what an erasure leaves.

Each service lists its tables as `PersonalTable`s in its `privacy/registry.py`. Showing and erasing follow the list, so
a table that is not on it would be forgotten: a test compares the lists with every column of the databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Delete, Table, Update, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

Found = Callable[[Sequence[UUID]], ColumnElement[bool]]
"""Which rows of a table are about the people behind these ids."""

NOBODY = "Erased"
"""What stands in a name's place."""


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """`leaves`: what an erasure puts into each column that is about the person; a row that `is_deleted` goes whole.

    `secret`: columns that say something about nobody to their reader, such as hashes. They are not shown.
    """

    table: Table
    found: Found
    leaves: Mapping[str, Any] = field(default_factory=dict)
    is_deleted: bool = False
    secret: frozenset[str] = frozenset()

    @property
    def personal_columns(self) -> frozenset[str]:
        return frozenset(self.table.columns.keys()) if self.is_deleted else frozenset(self.leaves) | self.secret


@dataclass(slots=True)
class Done:
    """What a service held of a person (rows by table), what it changed of it, and what it kept by reason."""

    held: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    def keep(self, reason: str, count: int = 1) -> None:
        if count:
            self.kept[reason] = self.kept.get(reason, 0) + count


def by(table: Table, column: str = "id") -> Found:
    """Rows whose `column` is one of the ids."""
    return table.c[column].in_


def unknown_key() -> ColumnElement[str]:
    """In the place of a person key: one that joins nothing."""
    return func.encode(func.sha256(func.uuid_send(func.gen_random_uuid())), "hex")


async def records_of(
    session: AsyncSession, tables: Sequence[PersonalTable], ids: Sequence[UUID]
) -> dict[str, list[dict[str, Any]]]:
    """The rows about the people behind `ids`, by table, as JSON can hold them."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for each in tables if ids else ():
        columns = [column for column in each.table.columns if column.name not in each.secret]
        rows = await session.execute(select(*columns).where(each.found(ids)))
        found = [{name: plain(value) for name, value in row._mapping.items()} for row in rows]  # noqa: SLF001 - a Row's public mapping
        if found:
            shown[each.table.name] = found
    return shown


async def count_rows(session: AsyncSession, tables: Sequence[PersonalTable], ids: Sequence[UUID]) -> dict[str, int]:
    counted = {}
    for each in tables if ids else ():
        query = select(func.count()).select_from(each.table).where(each.found(ids))
        counted[each.table.name] = await session.scalar(query) or 0
    return {name: count for name, count in counted.items() if count}


async def erase_rows(session: AsyncSession, tables: Sequence[PersonalTable], ids: Sequence[UUID]) -> dict[str, int]:
    """Empty what is about the people behind `ids`, children before what they hang on. Returns the rows by table.

    Rows stay where figures are made of them. What the session has loaded of them is out of date afterwards.
    """
    await session.flush()
    touched = {}
    for each in tables if ids else ():
        condition = each.found(ids)
        if each.is_deleted:
            statement: Update | Delete = delete(each.table).where(condition)
        elif each.leaves:
            statement = update(each.table).where(condition).values(dict(each.leaves))
        else:
            continue
        touched[each.table.name] = await change_rows(session, statement)
    session.expunge_all()
    return {name: count for name, count in touched.items() if count}


async def change_rows(session: AsyncSession, statement: Update | Delete) -> int:
    """How many it changed."""
    result = await session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


def plain(value: Any) -> Any:
    """As JSON holds it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case UUID() | Decimal():
            return str(value)
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value
