from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class EqualityAnswer(Base):
    """What somebody said, sealed, under a key that the database cannot make. Nothing else may ever stand here."""

    __tablename__ = "equality_answers"

    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class EqualityRelease(Base):
    """A quarter or a year whose figures are out, for good."""

    __tablename__ = "equality_releases"

    released_on: Mapped[date]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)


class EqualityHeldCounts(Base):
    """All counts of a released quarter, sealed, until its year is out: the worker that cuts the year opens them."""

    __tablename__ = "equality_held_counts"

    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    quarter: Mapped[str] = mapped_column(String(7), primary_key=True)


class EqualityTable(Base):
    """One published table, never changed: of an employer, of a job family of all employers, or of the region.

    `people` has for each group how many came to each stage, null where that is hidden.
    """

    __tablename__ = "equality_tables"
    __table_args__ = (
        Index(
            "uq_equality_tables_one_for_each",
            "period",
            "characteristic",
            "employer_id",
            "family",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    period: Mapped[str] = mapped_column(String(7))
    employer_id: Mapped[UUID | None]
    family: Mapped[str | None] = mapped_column(String(60))
    characteristic: Mapped[str] = mapped_column(String(40))
    threshold: Mapped[int] = mapped_column(SmallInteger)
    released_on: Mapped[date]
    people: Mapped[dict[str, Any]]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
