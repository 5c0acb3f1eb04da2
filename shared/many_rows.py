"""Many new rows in one statement with one parameter, however many they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Insert, Table, Text, bindparam, cast, column, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

_SENT = cast(bindparam("rows", type_=Text), JSON)


async def insert_rows(session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that all have the keys of the first, by column name; a column that is left out gets the database's default.

    PostgreSQL reads them as JSON by the columns' own types, under the same policies as any insert. Nothing comes back.
    """
    if rows:
        await session.execute(_insert(table, list(rows[0])), {"rows": to_json(rows).decode()})


def _insert(table: Table, names: list[str]) -> Insert:
    given = [column(name, table.c[name].type) for name in names]
    sent = func.json_to_recordset(_SENT).table_valued(*given, name="sent").render_derived(with_types=True)
    return insert(table).from_select(names, select(*(sent.c[name] for name in names)))
