from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class OfferState(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Nobody answered by the reply-by."""
    WITHDRAWN = "withdrawn"


class Offer(Base):
    """One offer to one candidate. It holds an opening from the moment it is made. Pay is annual, as offered."""

    __tablename__ = "offers"
    __table_args__ = (
        Index(
            "uq_offers_one_standing",
            "application_id",
            unique=True,
            postgresql_where="state IN ('made', 'accepted')",
        ),
        Index("ix_offers_reply_due", "reply_by", postgresql_where="state = 'made'"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"), index=True)
    opening_no: Mapped[int] = mapped_column(SmallInteger)
    salary_pence: Mapped[int]
    starts_on: Mapped[date]
    reply_by: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    state: Mapped[OfferState] = mapped_column(text_enum(OfferState), default=OfferState.MADE)
    version: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text, default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
