"""The declarative base of each service: typed dataclasses, never loaded lazily."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Enum, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

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


class Record(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    """Each service derives its own base from this with `metadata = metadata_for("ats")`.

    No repr: rows hold personal data and reprs reach logs. Enums are stored as their values in text columns.
    """

    __abstract__ = True
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


def text_enum(kind: type[StrEnum]) -> Enum:
    """A string enum stored by value in a varchar, with no native type to migrate."""
    return Enum(kind, native_enum=False, values_callable=lambda members: [m.value for m in members], length=40)
