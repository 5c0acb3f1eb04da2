"""The tables that every service has in its own schema: made by each service's first revision.

The first revisions of the three services call `create_mechanism("ats")` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast

from alembic import op
from sqlalchemy import Connection, MetaData, text
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
    "shared.due_rows",
    "shared.case_answers",
)
# Tables that a later revision of each history adds: the first ones make what they always made.
ADDED_LATER = frozenset({"due_failures", "case_answers"})
# Tables whose readers go by the transaction of each row, where a service has them.
READ_BY_TRANSACTION = ("events", "vacancies", "vacancy_tombstones")
HAS_COLUMN = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attname = 'xact_id'"
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
    """Make the mechanism tables of the first revision in `schema`, with policies, and wake the relay on new letters."""
    metadata_for_first(schema).create_all(op.get_bind(), checkfirst=False)
    for statement in wake_relay(schema):
        op.execute(statement)
    for module in DECLARED:
        for statement in getattr(module, "policies", _no_policies)(schema):
            op.execute(statement)


def drop_mechanism(schema: str) -> None:
    metadata_for_first(schema).drop_all(op.get_bind(), checkfirst=False)
    op.execute(f"DROP FUNCTION {schema}.wake_relay()")


def metadata_for_first(schema: str) -> MetaData:
    """The mechanism's tables without those that came later."""
    metadata = add_mechanism(metadata_for(schema))
    for name in ADDED_LATER:
        metadata.remove(metadata.tables[f"{schema}.{name}"])
    return metadata


def add_to_mechanism(schema: str, name: str) -> None:
    """Make a mechanism table that came later."""
    add_mechanism(metadata_for(schema)).tables[f"{schema}.{name}"].create(op.get_bind())


def drop_from_mechanism(schema: str, name: str) -> None:
    op.drop_table(name, schema=schema)


def follow_the_cluster(connection: Connection, schema: str) -> bool:
    """Bring what was restored from another cluster behind the transactions of this one.

    Its transaction ids may lie ahead of those that are given out here: readers who go by them would wait until they
    are reached. The order of the event log stays that of `seq`. To be done before the services write. Returns whether
    it was needed.
    """
    connection.execute(text("SELECT set_config('app.scope', 'region', true)"))
    done = [_bring_behind(connection, f"{schema}.{name}") for name in READ_BY_TRANSACTION]
    return any(done)


def _bring_behind(connection: Connection, table: str) -> bool:
    if connection.scalar(text(HAS_COLUMN), {"name": table}) is None:
        return False
    ahead = f"SELECT EXISTS (SELECT FROM {table} WHERE xact_id >= pg_snapshot_xmax(pg_current_snapshot()))"  # noqa: S608 - one of READ_BY_TRANSACTION
    if not connection.scalar(text(ahead)):
        return False
    # The log is append-only for its owner too, but for this moment.
    connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
    connection.execute(text(f"UPDATE {table} SET xact_id = '3'"))  # noqa: S608 - the first id that is ever given out
    connection.execute(text(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"))
    return True


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
