"""No service works with a database role that sees past row-level security (design section 7)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

SEES_TOO_MUCH = (
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = '{schema}' AND pg_has_role(current_user, c.relowner, 'USAGE'))"
    " FROM pg_roles WHERE rolname = current_user"
)


class UnsafeDatabaseRole(Exception):
    """The database role may see past row-level security: the service will not start with it."""

    def __init__(self) -> None:
        super().__init__("the database role is a superuser, an owner or has BYPASSRLS: use the app role")


async def refuse_unsafe_role(engine: AsyncEngine) -> None:
    """Raise UnsafeDatabaseRole for a superuser, a table owner or a role with BYPASSRLS."""
    async with engine.connect() as connection:
        if await connection.scalar(text(_question(engine))):
            raise UnsafeDatabaseRole


def refuse_unsafe_connections(engine: AsyncEngine) -> None:
    """The same for every connection that is opened from now on: for a database that comes up after the service."""
    question = _question(engine)

    def look(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(question)
        (sees_too_much,) = cursor.fetchone()
        cursor.close()
        connection.rollback()
        if sees_too_much:
            raise UnsafeDatabaseRole

    event.listen(engine.sync_engine, "connect", look)


def _question(engine: AsyncEngine) -> str:
    # The schema is one of our three services' names, never a caller's word.
    return SEES_TOO_MUCH.format(schema=engine.get_execution_options()["schema_translate_map"][None])
