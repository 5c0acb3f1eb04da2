from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, Numeric, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class EstablishmentFigure(Base):
    """Posts of one employer in one job family, as full-time equivalents on a day."""

    __tablename__ = "establishment_figures"
    __table_args__ = (PrimaryKeyConstraint("employer_id", "family"),)

    employer_id: Mapped[UUID]
    family: Mapped[str] = mapped_column(String(60))
    as_at: Mapped[date]
    established_fte: Mapped[Decimal] = mapped_column(Numeric(9, 2))
    in_post_fte: Mapped[Decimal] = mapped_column(Numeric(9, 2))
    agency_fte: Mapped[Decimal] = mapped_column(Numeric(9, 2))


class RecruitmentFreeze(Base):
    """From `starts_on` to `ends_on` (both inclusive, open without an end) an employer recruits on these grounds alone.

    `allowed_grounds`: [{"code", "label"}]. `families`: which job families it covers; all of them where it is empty.
    """

    __tablename__ = "recruitment_freezes"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="ends_after_it_starts"),
        Index(None, "employer_id", "starts_on"),
    )

    employer_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    allowed_grounds: Mapped[list[Any]]
    families: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
