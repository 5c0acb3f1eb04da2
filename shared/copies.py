"""Copies of what another service owns, fed by its state events in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession


async def keep_newer(session: AsyncSession, table: Table, values: Mapping[str, Any], *, key: str = "id") -> bool:
    """Store the state in `values` unless a newer one, by its `version`, is held. Returns whether it was stored.

    `key` names the unique column. Safe when two workers hold two versions of the same thing at once.
    """
    arrived = insert(table).values(**values)
    newer = {name: arrived.excluded[name] for name in values if name != key}
    stored = await session.execute(
        arrived.on_conflict_do_update(
            index_elements=[table.c[key]], set_=newer, where=table.c.version < arrived.excluded.version
        ).returning(table.c[key])
    )
    return stored.first() is not None
