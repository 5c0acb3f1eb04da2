from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.employment_references.forms import ReferenceForm
from shared.orm import text_enum


class ReferenceState(StrEnum):
    AWAITING_CONSENT = "awaiting_consent"
    """The candidate wants to be asked first."""
    CONSENT_REFUSED = "consent_refused"
    REQUESTED = "requested"
    EXPIRED = "expired"
    """Twelve weeks passed without an answer."""
    RECEIVED = "received"
    RECEIVED_OFF_SERVICE = "received_off_service"
    WITHDRAWN = "withdrawn"


class ReferenceRequest(Base):
    """One referee of one candidate. `employed_from` and `employed_to` are as the candidate says, until it is received.

    The referee's own link leads to `id`; it ends at `link_expires_at`, and with every change of the address.
    """

    __tablename__ = "reference_requests"
    __table_args__ = (
        Index(None, "application_id"),
        Index(None, "referee_key"),
        Index("ix_reference_requests_reminder_due", "next_reminder_at", postgresql_where="state = 'requested'"),
        Index("ix_reference_requests_expiry_due", "link_expires_at", postgresql_where="state = 'requested'"),
        CheckConstraint("employed_to IS NULL OR employed_from <= employed_to", name="period_is_in_order"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    form: Mapped[ReferenceForm] = mapped_column(text_enum(ReferenceForm))
    form_version: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[ReferenceState] = mapped_column(text_enum(ReferenceState))
    referee_name: Mapped[str] = mapped_column(String(200))
    referee_email: Mapped[str] = mapped_column(String(320))
    referee_key: Mapped[str] = mapped_column(String(64))
    organisation: Mapped[str] = mapped_column(String(200))
    employed_from: Mapped[date]
    employed_to: Mapped[date | None]
    asks_first: Mapped[bool]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    consented_at: Mapped[datetime | None] = mapped_column(default=None)
    requested_at: Mapped[datetime | None] = mapped_column(default=None)
    link_expires_at: Mapped[datetime | None] = mapped_column(default=None)
    reminders_sent: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_reminder_at: Mapped[datetime | None] = mapped_column(default=None)
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    completed_at: Mapped[datetime | None] = mapped_column(default=None)
    completed_by: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ReferenceAnswers(Base):
    """What a referee said. Apart from the request, because far fewer may read it; every reading is audited."""

    __tablename__ = "reference_answers"

    employer_id: Mapped[UUID]
    answers: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    # Of one that came by another way: where the records hold it.
    evidence_reference: Mapped[str | None] = mapped_column(String(80), default=None)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("ats.reference_requests.id"), primary_key=True, default=None)


class ExplainedGap(Base):
    """What a candidate did in a time that no reference covers, as staff learned it."""

    __tablename__ = "explained_gaps"
    __table_args__ = (
        Index(None, "application_id"),
        CheckConstraint("first_on <= last_on", name="period_is_in_order"),
    )

    employer_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    explanation: Mapped[str] = mapped_column(Text)
    explained_by: Mapped[UUID | None]
    explained_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
