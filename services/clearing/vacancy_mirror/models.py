from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.clearing.base import Base
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowOrder, WindowState
from shared.orm import text_enum
from shared.vocabulary import ContractKind, Management, VacancyState

REVIEWED = "state IN ('review', 'regional_review') AND due_at IS NULL"


class Vacancy(Base):
    """Our copy of a vacancy as ats last told it: a lower `version` than this one's is ignored.

    Pay is annual full-time pence; hours a week are in hundredths. `essential` and `desirable` are as in
    `ats.vacancy_changed`.
    """

    __tablename__ = "vacancies"
    __table_args__ = (Index(None, "employer_id", "state"),)

    version: Mapped[int]
    content_version: Mapped[int]
    employer_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[VacancyState] = mapped_column(text_enum(VacancyState))
    management: Mapped[Management] = mapped_column(text_enum(Management))
    band: Mapped[int]
    hours_hundredths: Mapped[int]
    contract: Mapped[ContractKind] = mapped_column(text_enum(ContractKind))
    outcode: Mapped[str] = mapped_column(String(8))
    openings: Mapped[int]
    openings_remaining: Mapped[int]
    family: Mapped[str | None] = mapped_column(String(60), default=None)
    soc2020: Mapped[str | None] = mapped_column(String(4), default=None)
    salary_min_pence: Mapped[int | None] = mapped_column(default=None)
    salary_max_pence: Mapped[int | None] = mapped_column(default=None)
    pay_effective_from: Mapped[date | None] = mapped_column(default=None)
    contract_months: Mapped[int | None] = mapped_column(default=None)
    working_pattern: Mapped[str | None] = mapped_column(String(60), default=None)
    office_days_per_week: Mapped[int | None] = mapped_column(default=None)
    starts_on: Mapped[date | None] = mapped_column(default=None)
    essential: Mapped[list[Any]] = mapped_column(default_factory=list)
    desirable: Mapped[list[Any]] = mapped_column(default_factory=list)
    entered_clearing_at: Mapped[datetime | None] = mapped_column(default=None)
    content_changed_at: Mapped[datetime | None] = mapped_column(default=None)
    clearing_exemption: Mapped[str | None] = mapped_column(String(60), default=None)
    hiring_manager_id: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class Window(Base):
    """One clearing window: one content version of one vacancy, and one more where a filled vacancy opens again.

    `due_at` is when the clock next has something to do; a review without it waits for people (R19). In sequence
    `closes_at` is the close of the part that is open. While on hold, `held_from` is the state it left and
    `working_days_left` what the clock had still to run. `fitted` counts people of the whole region who passed the hard
    constraints (R20), `matched` those who were told, which in sequence comes later. `revoked_at` marks a clearance
    that a duty took back (R12). `outcomes_alerted_at` and `choice_asked_at` say that its council has been asked once.
    """

    __tablename__ = "windows"
    __table_args__ = (
        Index("uq_windows_vacancy_content", "vacancy_id", "content_version", "round", unique=True),
        Index("ix_windows_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_windows_reviewed", "id", postgresql_where=text(REVIEWED)),
        Index("ix_windows_revoked", "id", postgresql_where=text("revoked_at IS NOT NULL")),
        Index(None, "employer_id", "state"),
    )

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.vacancies.id"))
    employer_id: Mapped[UUID]
    content_version: Mapped[int]
    state: Mapped[WindowState] = mapped_column(text_enum(WindowState))
    order: Mapped[WindowOrder] = mapped_column(text_enum(WindowOrder))
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state_since: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    matched: Mapped[int] = mapped_column(default=0)
    fitted: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    held_from: Mapped[WindowState | None] = mapped_column(text_enum(WindowState), default=None)
    working_days_left: Mapped[int | None] = mapped_column(default=None)
    released_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    release_reason: Mapped[ReleaseReason | None] = mapped_column(text_enum(ReleaseReason), default=None)
    outcomes_alerted_at: Mapped[datetime | None] = mapped_column(default=None)
    choice_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ClearingPolicy(Base):
    """What a council, or the region where `employer_id` is null, chose about windows and offers from a day on."""

    __tablename__ = "clearing_policies"
    __table_args__ = (
        Index(
            "uq_clearing_policies_employer_from",
            "employer_id",
            "effective_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("window_working_days BETWEEN 3 AND 10", name="window_days"),
        CheckConstraint("offer_reply_working_days BETWEEN 3 AND 10", name="reply_days"),
        CheckConstraint("interviews_per_opening >= 1", name="interviews"),
    )

    employer_id: Mapped[UUID | None]
    effective_from: Mapped[date]
    window_order: Mapped[WindowOrder] = mapped_column(text_enum(WindowOrder), default=WindowOrder.CONCURRENT)
    window_working_days: Mapped[int] = mapped_column(default=5)
    interviews_per_opening: Mapped[int] = mapped_column(default=4)
    offer_reply_working_days: Mapped[int] = mapped_column(default=5)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
