from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.selection_policy.schemes import OtherApplications
from shared.orm import text_enum


class OfferState(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Nobody answered by the reply-by."""
    WITHDRAWN = "withdrawn"
    APPROVAL_PENDING = "approval_pending"
    """Pay outside the grade: nobody but staff knows of it yet, and it holds nothing."""
    REFUSED = "refused"
    """By an approver: the candidate never hears of it."""
    SUPERSEDED = "superseded"
    """A changed offer has taken its place."""


class Offer(Base):
    """One version of an offer to one candidate. It holds an opening from the moment it goes out.

    Pay is full-time and annual. `made_by` proposed it; where that was outside the grade, `decided_by` let it go out.
    `others_due_at` is when the person's other applications are to be settled, as `settles_others` says.
    """

    __tablename__ = "offers"
    __table_args__ = (
        Index(
            "uq_offers_one_standing",
            "application_id",
            unique=True,
            postgresql_where="state IN ('made', 'accepted')",
        ),
        Index("ix_offers_reply_due", "reply_by", postgresql_where="state = 'made'"),
        Index("ix_offers_others_due", "others_due_at", postgresql_where="others_due_at IS NOT NULL"),
        Index("uq_offers_one_pending", "application_id", unique=True, postgresql_where="state = 'approval_pending'"),
        UniqueConstraint("application_id", "sequence_no"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"), index=True)
    sequence_no: Mapped[int] = mapped_column(SmallInteger)
    salary_pence: Mapped[int]
    starts_on: Mapped[date]
    reply_by: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    state: Mapped[OfferState] = mapped_column(text_enum(OfferState), default=OfferState.MADE)
    version: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    opening_no: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    outside_grade_reason: Mapped[str | None] = mapped_column(Text, default=None)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    refusal_reason: Mapped[str | None] = mapped_column(Text, default=None)
    settles_others: Mapped[OtherApplications | None] = mapped_column(text_enum(OtherApplications), default=None)
    others_due_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text, default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
