"""One row in every table, made from the tables' own description: whose rows they are is all that matters of them.

Rows are written as the database's administrator with foreign keys and triggers asleep, so that each table can be
filled alone. What a column's check constraint asks for is said in `FITTING`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Time,
    Uuid,
    create_engine,
    insert,
    pool,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url

from shared.orm import MECHANISM, with_mechanism
from shared.vocabulary import Service

# The columns that say whose a row is.
EMPLOYER_COLUMNS = ("employer_id", "home_employer_id", "gaining_employer_id")
EMPLOYER_LISTS = ("employer_ids", "readers")
INSTANT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
PLAIN: tuple[tuple[type | tuple[type, ...], Any], ...] = (
    (ARRAY, []),
    (JSONB, {}),
    (Boolean, False),
    ((Integer, Float), 1),
    (Numeric, Decimal(1)),
    (DateTime, INSTANT),
    (Date, date(2026, 11, 16)),
    (Time, time(9)),
)
INTERNAL_ADVERT = {
    "reference": "SAW-2026-00001",
    "title": "Housing Officer",
    "family": "housing_homelessness",
    "grade": None,
    "salary_min_pence": 3_000_000,
    "salary_max_pence": 3_300_000,
    "hours_per_week": "37",
    "contract": "permanent",
    "contract_months": None,
    "working_pattern": None,
    "outcode": "B70",
    "directorate": None,
    "description": "You help people to keep their homes.",
    "essential": [],
    "openings": 1,
    "starts_on": None,
    "apply_method": "hosted",
    "apply_url": None,
}
FITTING: dict[str, dict[str, Any]] = {
    "clearing.clearing_policies": {"window_working_days": 5, "offer_reply_working_days": 5},
    "ats.applications": {"knock_outs": [], "form_answers": {}},
    "ats.documents": {"state": "malicious"},
    "ats.interview_slots": {"ends_at": datetime(2030, 1, 1, tzinfo=UTC), "cancelled_at": None},
    "ats.internal_jobs": {"closes_at": datetime(2030, 1, 1, tzinfo=UTC), "advert": INTERNAL_ADVERT},
    "ats.monthly_returns": {"month": "2026-10", "results": []},
    "ats.polled_feeds": {"url": "http://127.0.0.1:9/feed", "mapping": {"items": "job", "fields": {}}},
    "ats.polled_feed_runs": {"results": [], "missing": []},
    "clearing.registrations": {"state": "draft"},
    "notifications.deliveries": {"kind": "approval_wanted"},
    "notifications.webhook_endpoints": {"url": "http://127.0.0.1:9/hook", "state": "enabled"},
    "notifications.webhook_deliveries": {"state": "dead", "body": "{}"},
}


def metadata_of(service: Service) -> MetaData:
    """Every table of the service, the mechanism's too."""
    found: MetaData = import_module(f"services.{service}.models").METADATA
    missing = [table for table in MECHANISM.tables if f"{service}.{table}" not in found.tables]
    return with_mechanism(found) if missing else found


def administrator(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool)


def put_row(
    connection: Connection,
    table: Table,
    owner: UUID,
    *,
    row_id: UUID | None = None,
    links: Mapping[str, UUID] = MappingProxyType({}),
    **given: Any,
) -> dict[str, Any]:
    """Insert a row that belongs to `owner` in every column that names an employer. Returns its values.

    `links` gives the ids of the rows that columns of these names point at, `given` values of its own.
    """
    values = row_of(table, owner, row_id=row_id)
    pointed = {name: links[name] for name in links if name in table.columns and (row_id is None or name != "id")}
    values |= pointed | given
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(insert(table).values(values))
    connection.execute(text("SET LOCAL session_replication_role = origin"))
    return values


def row_of(table: Table, owner: UUID, *, row_id: UUID | None = None) -> dict[str, Any]:
    values = {
        column.name: _value(column, owner, row_id)
        for column in table.columns
        if column.computed is None
        and column.identity is None
        and (not column.nullable or column.name in EMPLOYER_COLUMNS + EMPLOYER_LISTS)
    }
    return values | FITTING.get(table.fullname, {})


def _value(column: Column[Any], owner: UUID, row_id: UUID | None) -> Any:
    if column.name in EMPLOYER_COLUMNS:
        return owner
    if column.name in EMPLOYER_LISTS:
        return [owner]
    if isinstance(column.type, Uuid):
        return row_id if row_id is not None and column.primary_key else uuid4()
    return _plain_value(column)


def _plain_value(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return kind.enums[0]
    if isinstance(kind, LargeBinary):
        return uuid4().bytes
    if isinstance(kind, String):
        return uuid4().hex[: kind.length or 32]
    return next((value for types, value in PLAIN if isinstance(kind, types)), "1")
