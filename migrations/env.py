"""Runs one service's history: `-n ats` picks the schema, the tables and the owner's address.

Address: `<SERVICE>_OWNER_DATABASE_URL`. A migration waits at most two seconds for a lock, so that it never makes the
service queue behind it: it fails, and is run again at a quieter moment.
"""

from __future__ import annotations

import os
from importlib import import_module

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.engine import make_url

from migrations.mechanism import add_mechanism, follow_the_cluster
from shared.vocabulary import Service

# Any number, the same for all who migrate this database.
ADVISORY_LOCK = 0x574D46
LOCK_TIMEOUT = "2s"

SERVICE = Service(context.config.config_ini_section)
METADATA = add_mechanism(import_module(f"services.{SERVICE}.models").METADATA)


def owner_url() -> str:
    name = f"{SERVICE.upper()}_OWNER_DATABASE_URL"
    url = os.environ.get(name)
    if not url:
        raise CommandError(f"{name} is not set: migrations run as the owner of the schema {SERVICE}.")
    return url


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return name == SERVICE if kind == "schema" else True


def migrate(connection: Connection) -> None:
    """Each revision in a transaction of its own; two runs at once take turns."""
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET search_path = {SERVICE}, public"))
    # What is compared and written is always named with its schema; the search path is for the migrations' own SQL.
    connection.dialect.default_schema_name = "public"
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        include_schemas=True,
        include_name=is_ours,
        version_table_schema=SERVICE,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    # Where nothing was to be run, reading the revision has begun a transaction.
    connection.rollback()
    with connection.begin():
        follow_the_cluster(connection, SERVICE)


def run() -> None:
    engine = create_engine(make_url(owner_url()).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        migrate(connection)


if context.is_offline_mode():
    raise CommandError("Migrations are run against a database: there is no offline mode.")
run()
