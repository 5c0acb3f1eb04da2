"""The base of this service's tables, all in the schema `ats`: typed dataclasses, never loaded lazily.

No repr: rows hold personal data and reprs reach logs. The registry of class names is this service's own.
"""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from shared.orm import COLUMN_TYPES, metadata_for


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    metadata = metadata_for("ats")
    type_annotation_map = COLUMN_TYPES
