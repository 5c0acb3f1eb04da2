from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.clearing.base import Base
from services.clearing.registrations.states import (
    ClosingReason,
    DisplacementReason,
    RegistrationSource,
    RegistrationState,
)
from shared.orm import text_enum

LIVE = "state NOT IN ('rejected', 'placed', 'closed', 'unconfirmed', 'duplicate')"


class Registration(Base):
    """One employment of one displaced employee.

    Pay is annual full-time pence; hours a week are in hundredths; `skills`, `qualifications`,
    `professional_registrations` and `occupations` are lists of objects, null where the person has not said (R28).
    """

    __tablename__ = "registrations"
    __table_args__ = (
        # R6: one live registration per employment.
        Index(
            "uq_registrations_live_employment",
            "home_employer_id",
            "employee_number",
            "employment",
            unique=True,
            postgresql_where=text(LIVE),
        ),
        Index(None, "home_employer_id", "state", "submitted_at"),
        Index(None, "person_key"),
        Index(None, "band", postgresql_where=text("state = 'active'")),
        Index("ix_registrations_match_due", "match_due_at", postgresql_where=text("match_due_at IS NOT NULL")),
        Index("ix_registrations_unconfirmed", "created_at", postgresql_where=text("state = 'unconfirmed'")),
        Index("ix_registrations_activation", "activate_at", postgresql_where=text("state = 'verified'")),
        CheckConstraint("tier BETWEEN 1 AND 5", name="tier"),
        CheckConstraint("hours_min <= hours_max", name="hours"),
        CheckConstraint("tier IS NOT NULL OR state NOT IN ('verified', 'active')", name="verified_has_tier"),
    )

    home_employer_id: Mapped[UUID]
    employee_number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    person_key: Mapped[str] = mapped_column(String(64))
    reason: Mapped[DisplacementReason] = mapped_column(text_enum(DisplacementReason))
    source: Mapped[RegistrationSource] = mapped_column(text_enum(RegistrationSource))
    job_title: Mapped[str] = mapped_column(String(200))
    band: Mapped[int]
    fte_pay_pence: Mapped[int]
    pay_effective_from: Mapped[date]
    hours_hundredths: Mapped[int]
    hours_min: Mapped[int]
    hours_max: Mapped[int]
    outcode: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime]
    state_since: Mapped[datetime]
    employment: Mapped[str] = mapped_column(String(40), default="1")
    grade_top_scp: Mapped[int | None] = mapped_column(default=None)
    grade_top_pence: Mapped[int | None] = mapped_column(default=None)
    state: Mapped[RegistrationState] = mapped_column(text_enum(RegistrationState), default=RegistrationState.DRAFT)
    tier: Mapped[int | None] = mapped_column(default=None)
    protected_until: Mapped[date | None] = mapped_column(default=None)
    at_risk_on: Mapped[date | None] = mapped_column(default=None)
    notice_given_on: Mapped[date | None] = mapped_column(default=None)
    employment_ends_on: Mapped[date | None] = mapped_column(default=None)
    max_travel_minutes: Mapped[int] = mapped_column(default=60)
    max_miles: Mapped[int | None] = mapped_column(default=None)
    hybrid_max_travel_minutes: Mapped[int | None] = mapped_column(default=None)
    travel_corrections: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    areas: Mapped[list[Any]] = mapped_column(default_factory=list)
    working_patterns: Mapped[list[Any] | None] = mapped_column(default=None)
    accepts_fixed_term: Mapped[bool] = mapped_column(default=False)
    accepts_short_fixed_term: Mapped[bool] = mapped_column(default=False)
    accepts_more_than_two_bands_lower: Mapped[bool] = mapped_column(default=False)
    skills: Mapped[list[Any] | None] = mapped_column(default=None)
    qualifications: Mapped[list[Any] | None] = mapped_column(default=None)
    professional_registrations: Mapped[list[Any] | None] = mapped_column(default=None)
    occupations: Mapped[list[Any] | None] = mapped_column(default=None)
    person_told: Mapped[bool] = mapped_column(default=False)
    registered_by: Mapped[UUID | None] = mapped_column(default=None)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    verified_by: Mapped[UUID | None] = mapped_column(default=None)
    activate_at: Mapped[datetime | None] = mapped_column(default=None)
    match_due_at: Mapped[datetime | None] = mapped_column(default=None)
    decision_reason: Mapped[str | None] = mapped_column(String(2000), default=None)
    closing_reason: Mapped[ClosingReason | None] = mapped_column(text_enum(ClosingReason), default=None)
    version: Mapped[int] = mapped_column(default=1)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class RedundancyCost(Base):
    """What a dismissal would cost the home council (4.6): kept apart, because matching may never read it (R52)."""

    __tablename__ = "redundancy_costs"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.registrations.id"), primary_key=True)
    home_employer_id: Mapped[UUID]
    born_on: Mapped[date]
    service_from_on: Mapped[date]
    weekly_pay_pence: Mapped[int]
    pension_member_from_on: Mapped[date | None] = mapped_column(default=None)
    uses_actual_week: Mapped[bool] = mapped_column(default=False)
    strain_pence: Mapped[int | None] = mapped_column(default=None)
    strain_is_quoted: Mapped[bool] = mapped_column(default=False)
    pilon_pence: Mapped[int] = mapped_column(default=0)
    retraining_pence: Mapped[int] = mapped_column(default=0)
    excess_travel_pence: Mapped[int] = mapped_column(default=0)
