from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.ats.applications.states import ApplicationSource, PoolReach, RejectionReason, Stage
from services.ats.base import Base
from services.ats.selection_policy.schemes import Scheme
from shared.orm import text_enum
from shared.vocabulary import ContractKind, HiringRoute


class CandidateContact(Base):
    """Who a candidate is and how to reach them: read only where the stage allows it."""

    __tablename__ = "candidate_contacts"

    employer_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(40), default=None)
    # Registrations with their numbers and referees with their addresses: they say who somebody is.
    details: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'::jsonb"))
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), primary_key=True, default=None
    )


class InterviewClaim(Base):
    """Under which scheme somebody claims a guaranteed interview: apart from what is read to decide."""

    __tablename__ = "interview_claims"

    employer_id: Mapped[UUID]
    scheme: Mapped[Scheme] = mapped_column(text_enum(Scheme))
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), primary_key=True
    )


class Application(Base):
    """One person's application for one vacancy. Who the person is stands apart, in `CandidateContact`."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("uq_applications_referral", "source", "referral_id", unique=True),
        Index(
            "uq_applications_one_per_person",
            "vacancy_id",
            "person_key",
            unique=True,
            # Who withdrew, or whom nobody was appointed before, may apply when the post is advertised again.
            postgresql_where="source <> 'clearing' AND stage <> 'withdrawn'"
            " AND rejection_reason IS DISTINCT FROM 'no_appointment'",
        ),
        Index(None, "vacancy_id", "submitted_at", "id"),
        Index(None, "employer_id", "submitted_at", "id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    source: Mapped[ApplicationSource] = mapped_column(text_enum(ApplicationSource))
    person_key: Mapped[str] = mapped_column(String(64), index=True)
    submitted_at: Mapped[datetime]
    stage_entered_at: Mapped[datetime]
    route: Mapped[HiringRoute] = mapped_column(text_enum(HiringRoute), default=HiringRoute.EXTERNAL)
    stage: Mapped[Stage] = mapped_column(text_enum(Stage), default=Stage.SUBMITTED)
    version: Mapped[int] = mapped_column(default=1)
    # As the vacancy was advertised when this person applied.
    is_anonymised: Mapped[bool] = mapped_column(default=True)
    claims_interview: Mapped[bool] = mapped_column(default=False)
    referral_id: Mapped[UUID | None] = mapped_column(default=None)
    source_client_id: Mapped[UUID | None] = mapped_column(default=None)
    # Of the board, when it was sent: where the candidate opens their links.
    link_address: Mapped[str | None] = mapped_column(String(300), default=None)
    answers: Mapped[list[Any]] = mapped_column(default_factory=list)
    supporting_statement: Mapped[str] = mapped_column(Text, default="")
    # Which of the vacancy's forms was answered; none by who was referred.
    form_version: Mapped[int | None] = mapped_column(default=None)
    # Employment, breaks, education, declarations and the council's own questions.
    form_answers: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'::jsonb"))
    # The questions, by id, whose answers rule the person out.
    knock_outs: Mapped[list[Any]] = mapped_column(default_factory=list, server_default=text("'[]'::jsonb"))
    rejection_reason: Mapped[RejectionReason | None] = mapped_column(text_enum(RejectionReason), default=None)
    unmet_criteria: Mapped[list[Any]] = mapped_column(default_factory=list)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    shortlist_told_at: Mapped[datetime | None] = mapped_column(default=None)
    interview_at: Mapped[datetime | None] = mapped_column(default=None)
    interview_place: Mapped[str | None] = mapped_column(String(200), default=None)
    interviewed_at: Mapped[datetime | None] = mapped_column(default=None)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    cleared_at: Mapped[datetime | None] = mapped_column(default=None)
    starts_on: Mapped[date | None] = mapped_column(default=None)
    opening_no: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    # How many checks stand in the way of the first day, as far as is known. None before they are set out.
    checks_outstanding: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
    contact: Mapped[CandidateContact | None] = relationship(
        lazy="raise", default=None, cascade="all, delete-orphan", uselist=False
    )


class PoolMember(Base):
    """Somebody who agreed to be invited to apply for like jobs. Who they are stands with their last application there.

    What kind of job that was is copied, so that an employer whom they let find them can search without reading it.
    """

    __tablename__ = "pool_members"
    __table_args__ = (
        UniqueConstraint("application_id"),
        Index(None, "employer_id", "family"),
        Index("ix_pool_members_region", "family", postgresql_where=text("reach = 'region'")),
        Index(None, "kept_until"),
    )

    employer_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    reach: Mapped[PoolReach] = mapped_column(text_enum(PoolReach))
    family: Mapped[str] = mapped_column(String(60))
    outcode: Mapped[str] = mapped_column(String(4))
    contract: Mapped[ContractKind] = mapped_column(text_enum(ContractKind))
    hours_per_week: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    joined_at: Mapped[datetime]
    consented_at: Mapped[datetime]
    consent_version: Mapped[str] = mapped_column(String(20))
    kept_until: Mapped[datetime]
    keep_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class RejectionEntry(Base):
    """One rejection: where it came from, when the candidate is told, and whether it was taken back.

    `event_id` is the fact that told it; `interview_log_id` the entry of the hiring log that the rejection made.
    """

    __tablename__ = "rejections"
    __table_args__ = (
        Index(None, "application_id"),
        Index("ix_rejections_due", "tell_at", postgresql_where=text("told_at IS NULL AND undone_at IS NULL")),
    )

    employer_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    from_stage: Mapped[Stage] = mapped_column(text_enum(Stage))
    decided_at: Mapped[datetime]
    tell_at: Mapped[datetime]
    told_at: Mapped[datetime | None] = mapped_column(default=None)
    event_id: Mapped[UUID | None] = mapped_column(default=None)
    interview_log_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
