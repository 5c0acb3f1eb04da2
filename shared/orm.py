"""What the tables of all services have in common: names of constraints, types of columns, the mechanism's tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Enum, MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# Tables that every service has in its own schema (outbox, inbox, sessions …): declared once, without a schema.
MECHANISM = MetaData(naming_convention=NAMING)


def metadata_for(schema: str) -> MetaData:
    return MetaData(schema=schema, naming_convention=NAMING)


def with_mechanism(metadata: MetaData) -> MetaData:
    """Put the mechanism tables into a service's metadata, for its migrations to be checked against."""
    for table in MECHANISM.sorted_tables:
        table.to_metadata(metadata, schema=metadata.schema or "")
    return metadata


# What a mapped attribute's type is kept as, where the column does not say.
COLUMN_TYPES: Mapping[Any, Any] = {
    datetime: DateTime(timezone=True),
    UUID: Uuid(),
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
}


def text_enum(kind: type[StrEnum]) -> Enum:
    """A string enum stored by value in a varchar, with no native type to migrate."""
    return Enum(kind, native_enum=False, values_callable=lambda members: [m.value for m in members], length=40)


def table_of(mapped: type[Any]) -> Table:
    """The table of a class, for statements about its columns alone."""
    table = mapped.__table__
    assert isinstance(table, Table)
    return table
