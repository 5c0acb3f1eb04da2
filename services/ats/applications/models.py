from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.ats.applications.states import ApplicationSource, RejectionReason, Stage
from services.ats.base import Base
from shared.orm import text_enum
from shared.vocabulary import HiringRoute


class CandidateContact(Base):
    """Who a candidate is and how to reach them: read only where the stage allows it."""

    __tablename__ = "candidate_contacts"

    employer_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(40), default=None)
    # Registrations with their numbers and referees with their addresses: they say who somebody is.
    details: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), primary_key=True, default=None
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
    referral_id: Mapped[UUID | None] = mapped_column(default=None)
    source_client_id: Mapped[UUID | None] = mapped_column(default=None)
    # Of the board, when it was sent: where the candidate opens their links.
    link_address: Mapped[str | None] = mapped_column(String(300), default=None)
    answers: Mapped[list[Any]] = mapped_column(default_factory=list)
    supporting_statement: Mapped[str] = mapped_column(Text, default="")
    # Which of the vacancy's forms was answered; none by who was referred.
    form_version: Mapped[int | None] = mapped_column(default=None)
    # Employment, breaks, education, declarations and the council's own questions.
    form_answers: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    # The questions, by id, whose answers rule the person out.
    knock_outs: Mapped[list[Any]] = mapped_column(default_factory=list)
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
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
    contact: Mapped[CandidateContact | None] = relationship(
        lazy="raise", default=None, cascade="all, delete-orphan", uselist=False
    )


class ApplicationPolicy(Base):
    """How an employer takes applications from a day on, until the day of the next one."""

    __tablename__ = "application_policies"
    __table_args__ = (PrimaryKeyConstraint("employer_id", "valid_from"),)

    employer_id: Mapped[UUID]
    valid_from: Mapped[date]
    # Whether an answer that rules somebody out rejects at once, with its reason, or is marked for the panel.
    rejects_knock_outs: Mapped[bool]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
