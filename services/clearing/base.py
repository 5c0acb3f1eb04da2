"""The declarative base of this service's tables, all in the schema `clearing`."""

from __future__ import annotations

from shared.orm import Record, metadata_for


class Base(Record):
    __abstract__ = True
    metadata = metadata_for("clearing")
