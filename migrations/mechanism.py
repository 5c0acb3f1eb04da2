"""The tables that every service has in its own schema: made by each service's first revision.

The first revisions of the three services call `create_mechanism("ats")` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast

from alembic import op
from sqlalchemy import MetaData
from sqlalchemy.dialects.postgresql.base import ischema_names

from shared.orm import MECHANISM, metadata_for
from shared.outbox import TransactionId

# Each declares tables on MECHANISM when it is imported, and may say in `policies(schema)` who sees their rows.
MODULES = (
    "shared.outbox",
    "shared.inbox",
    "shared.ticker",
    "shared.settling",
    "shared.idempotency",
    "shared.registry",
    "shared.sessions",
    "shared.links",
)
# So that `alembic check` recognises the column type when it reads the tables back.
cast("dict[str, Any]", ischema_names)["xid8"] = TransactionId
DECLARED = tuple(import_module(each) for each in MODULES)


def add_mechanism(metadata: MetaData) -> MetaData:
    """The metadata of a service with every mechanism table in it, however it was imported."""
    schema = metadata.schema or ""
    for table in MECHANISM.sorted_tables:
        if f"{schema}.{table.name}" not in metadata.tables:
            table.to_metadata(metadata, schema=schema)
    return metadata


def create_mechanism(schema: str) -> None:
    """Make every mechanism table in `schema`, with its policies, and wake the relay on new letters."""
    add_mechanism(metadata_for(schema)).create_all(op.get_bind(), checkfirst=False)
    for statement in wake_relay(schema):
        op.execute(statement)
    for module in DECLARED:
        for statement in getattr(module, "policies", _no_policies)(schema):
            op.execute(statement)


def drop_mechanism(schema: str) -> None:
    add_mechanism(metadata_for(schema)).drop_all(op.get_bind(), checkfirst=False)
    op.execute(f"DROP FUNCTION {schema}.wake_relay()")


def wake_relay(schema: str) -> Iterator[str]:
    """One NOTIFY for a statement, however many letters it wrote; the database merges those of one transaction."""
    yield (
        f"CREATE FUNCTION {schema}.wake_relay() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_notify('{schema}_outbox', ''); RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER wake_relay AFTER INSERT ON {schema}.outbox"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.wake_relay()"
    )


def _no_policies(_schema: str) -> Iterator[str]:
    """Outbox, inbox and keys hold no tenant of their own: design section 3 lists them as the exceptions."""
    return iter(())
