from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.clearing.base import Base
from services.clearing.referrals.states import OfferState, ReferralState
from shared.orm import text_enum

LIVE = "state IN ('interested', 'hr_review', 'referred', 'waiting', 'interview_offered', 'interviewed', 'offered')"


class Referral(Base):
    """A person's interest in a vacancy and what became of it, read by the home and the gaining council (R54).

    Name, contact and profile are copied here at the moment of interest: the gaining side never reads the
    registration. `priority_band` is the tier without its reason (R50); `rank_key` sorts as text, best first (R9).
    """

    __tablename__ = "referrals"
    __table_args__ = (
        Index("uq_referrals_live", "registration_id", "vacancy_id", unique=True, postgresql_where=text(LIVE)),
        Index(None, "gaining_employer_id", "vacancy_id", "rank_key"),
        Index(None, "home_employer_id", "state"),
        Index(None, "vacancy_id"),
    )

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.registrations.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.vacancies.id"))
    window_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.windows.id"))
    match_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.matches.id"))
    home_employer_id: Mapped[UUID]
    gaining_employer_id: Mapped[UUID]
    vacancy_title: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    profile: Mapped[dict[str, Any]]
    ring: Mapped[int]
    priority_band: Mapped[int]
    rank_key: Mapped[str] = mapped_column(String(200))
    interested_at: Mapped[datetime]
    state_since: Mapped[datetime]
    review_due_at: Mapped[datetime]
    state: Mapped[ReferralState] = mapped_column(text_enum(ReferralState), default=ReferralState.INTERESTED)
    has_duty: Mapped[bool] = mapped_column(default=False)
    unmet_criteria: Mapped[list[Any]] = mapped_column(default_factory=list)
    reasons: Mapped[str | None] = mapped_column(String(4000), default=None)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    referred_at: Mapped[datetime | None] = mapped_column(default=None)
    interview_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    alerted_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class Offer(Base):
    """A redeployment offer (R32). `id` is the request by which an opening is asked of ats. Pay is annual FTE pence.

    `follow_up` is how it ended, until the home council's HR has been asked to see to it.
    """

    __tablename__ = "offers"
    __table_args__ = (
        Index(
            "uq_offers_live_referral",
            "referral_id",
            unique=True,
            postgresql_where=text("state IN ('requested', 'offered', 'accepted')"),
        ),
        Index(None, "registration_id"),
        Index("ix_offers_reply", "reply_by", postgresql_where=text("state IN ('requested', 'offered')")),
        Index("ix_offers_follow_up", "id", postgresql_where=text("follow_up IS NOT NULL")),
        CheckConstraint("state <> 'offered' OR made_at IS NOT NULL", name="offered_was_made"),
    )

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.referrals.id"))
    registration_id: Mapped[UUID]
    vacancy_id: Mapped[UUID]
    home_employer_id: Mapped[UUID]
    gaining_employer_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    reply_by: Mapped[datetime]
    starts_on: Mapped[date]
    fte_pay_pence: Mapped[int]
    hours_hundredths: Mapped[int]
    terms_differ: Mapped[bool]
    difference: Mapped[str] = mapped_column(String(2000))
    state: Mapped[OfferState] = mapped_column(text_enum(OfferState), default=OfferState.REQUESTED)
    made_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    follow_up: Mapped[str | None] = mapped_column(String(40), default=None)
    answer_reason: Mapped[str | None] = mapped_column(String(2000), default=None)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
