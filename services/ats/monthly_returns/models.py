from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class DateSource(StrEnum):
    """Where the dates of a campaign come from."""

    SYSTEM = "system"
    """Kept by the recruitment system as each step was taken."""
    RECORDS = "records"
    """Taken afterwards from letters, calendars or payroll."""
    ESTIMATE = "estimate"


class OpeningOutcome(StrEnum):
    OPEN = "open"
    FILLED = "filled"
    """An offer was accepted and stands."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """Ended without an appointment."""


class Quality(StrEnum):
    """How far a campaign's dates may be relied on (time to hire, page 10: kept by a system, complete)."""

    A = "A"
    """Kept by a system, and every step is dated."""
    B = "B"
    """Every step is dated, from records."""
    C = "C"
    """Estimated, or a step on the way has no date."""


class MonthlyReturn(Base):
    """One file. Its `content` is kept only while it was looked at and not yet taken."""

    __tablename__ = "monthly_returns"
    __table_args__ = (Index(None, "employer_id", "received_at"),)

    employer_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    received_at: Mapped[datetime]
    taken_at: Mapped[datetime | None] = mapped_column(default=None)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)
    results: Mapped[list[Any]] = mapped_column(default_factory=list)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ReturnedCampaign(Base):
    """What the latest month's return says of a campaign: its row stands whole, whatever order returns come in.

    `vacancy_id` where the campaign is a vacancy here, and then the log speaks of that. Else the log knows it under
    this row's own id: it never becomes an advert.
    """

    __tablename__ = "returned_campaigns"
    __table_args__ = (
        UniqueConstraint("employer_id", "source_system", "external_reference", name="uq_returned_campaigns_key"),
    )

    employer_id: Mapped[UUID]
    source_system: Mapped[str] = mapped_column(String(60))
    external_reference: Mapped[str] = mapped_column(String(120))
    month: Mapped[str] = mapped_column(String(7))
    openings: Mapped[int] = mapped_column(SmallInteger)
    quality: Mapped[Quality] = mapped_column(text_enum(Quality))
    facts: Mapped[dict[str, Any]]
    vacancy_id: Mapped[UUID | None] = mapped_column(ForeignKey("ats.vacancies.id"), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
