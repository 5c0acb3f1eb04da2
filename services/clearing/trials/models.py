from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.clearing.base import Base
from services.clearing.trials.states import TrialKind, TrialState
from shared.orm import text_enum


class Placement(Base):
    """An accepted offer on its way to a confirmed post, with a trial where one applies (R38).

    `kind` is null where the terms are the same and nothing is tried. `ends_on` is the last day of the trial (R39).
    Money is pence.
    """

    __tablename__ = "placements"
    __table_args__ = (
        Index("uq_placements_referral", "referral_id", unique=True),
        Index(None, "registration_id"),
        Index("ix_placements_saving_pending", "registration_id", postgresql_where=text("saving_pending")),
        Index("ix_placements_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index(None, "gaining_employer_id", "state"),
        Index(None, "home_employer_id", "state"),
    )

    referral_id: Mapped[UUID]
    request_id: Mapped[UUID]
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.registrations.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.vacancies.id"))
    home_employer_id: Mapped[UUID]
    gaining_employer_id: Mapped[UUID]
    vacancy_title: Mapped[str] = mapped_column(String(200))
    person_name: Mapped[str] = mapped_column(String(200))
    person_email: Mapped[str] = mapped_column(String(254))
    kind: Mapped[TrialKind | None] = mapped_column(text_enum(TrialKind))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    new_fte_pay_pence: Mapped[int]
    new_hours_hundredths: Mapped[int]
    state_since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    state: Mapped[TrialState] = mapped_column(text_enum(TrialState), default=TrialState.SCHEDULED)
    reminded_day: Mapped[int] = mapped_column(default=0)
    ended_on: Mapped[date | None] = mapped_column(default=None)
    end_reason: Mapped[str | None] = mapped_column(String(2000), default=None)
    ended_by: Mapped[UUID | None] = mapped_column(default=None)
    saving_pending: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class Saving(Base):
    """What the home council did not have to pay (4.6), counted once per registration. Money is pence."""

    __tablename__ = "savings"
    __table_args__ = (Index(None, "home_employer_id", "counted_at"),)

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.registrations.id"), primary_key=True)
    home_employer_id: Mapped[UUID]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.placements.id"))
    counted_at: Mapped[datetime]
    net_pence: Mapped[int]
    parts: Mapped[dict[str, Any]]
    service_years_carried: Mapped[int]
