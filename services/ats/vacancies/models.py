from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.ats.base import Base
from services.ats.vacancies.states import (
    ApplyMethod,
    ClearingExemption,
    OpeningState,
    RequestReason,
    RequestState,
)
from shared.orm import table_of, text_enum
from shared.outbox import TransactionId
from shared.vocabulary import ContractKind, HiringRoute, Management, VacancyState, WorkingPattern

OPEN_FOR_A_POST = "post_id IS NOT NULL AND state NOT IN ('filled', 'unfilled', 'cancelled')"


class Opening(Base):
    """One seat of a vacancy. It is taken under a lock on its vacancy, so one seat never has two takers."""

    __tablename__ = "vacancy_openings"
    __table_args__ = (
        PrimaryKeyConstraint("vacancy_id", "opening_no"),
        Index("ix_vacancy_openings_reservation_due", "held_until", postgresql_where="state = 'reserved'"),
    )

    employer_id: Mapped[UUID]
    opening_no: Mapped[int] = mapped_column(SmallInteger)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), default=None)
    state: Mapped[OpeningState] = mapped_column(text_enum(OpeningState), default=OpeningState.OPEN)
    # The application, or clearing's request, that holds or has taken it.
    taken_for: Mapped[UUID | None] = mapped_column(default=None)
    held_until: Mapped[datetime | None] = mapped_column(default=None)
    route: Mapped[HiringRoute | None] = mapped_column(text_enum(HiringRoute), default=None)
    starts_on: Mapped[date | None] = mapped_column(default=None)


class Vacancy(Base):
    """One requisition of one employer, with its advert and its openings.

    `version` rises with every change, `content_version` with a material one (R21). `content_hash` is of what an
    approver approves. Pay is full-time and annual, in pence; hours are a week's.
    """

    __tablename__ = "vacancies"
    # Nothing is read back of a new row: many go in at a time without one statement that grows with their number.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - SQLAlchemy's own declaration
    __table_args__ = (
        UniqueConstraint("employer_id", "source_system", "external_reference"),
        CheckConstraint("openings_count >= 1", name="has_an_opening"),
        CheckConstraint("salary_min_pence <= salary_max_pence", name="pay_range_is_in_order"),
        Index(None, "employer_id", "state", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "xact_id", "id"),
        Index("ix_vacancies_advert_due", "closes_at", postgresql_where="state IN ('live', 'internal_advert')"),
        Index("ix_vacancies_publication_due", "publish_at", postgresql_where="state = 'approved'"),
        Index("uq_vacancies_open_post", "employer_id", "post_id", unique=True, postgresql_where=OPEN_FOR_A_POST),
        Index(
            "ix_vacancies_approval_expires",
            "approval_expires_at",
            postgresql_where="state IN ('approved', 'in_clearing')",
        ),
        Index(
            "ix_vacancies_candidates_untold",
            "candidates_untold_since",
            postgresql_where="candidates_untold_since IS NOT NULL",
        ),
    )

    # Who and what
    employer_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    management: Mapped[Management] = mapped_column(text_enum(Management))
    title: Mapped[str] = mapped_column(String(200))
    family: Mapped[str] = mapped_column(String(60))
    salary_min_pence: Mapped[int]
    salary_max_pence: Mapped[int]
    pay_effective_from: Mapped[date]
    hours_per_week: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    contract: Mapped[ContractKind] = mapped_column(text_enum(ContractKind))
    outcode: Mapped[str] = mapped_column(String(4))
    openings_count: Mapped[int] = mapped_column(SmallInteger)
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    source_system: Mapped[str | None] = mapped_column(String(60), default=None)
    external_reference: Mapped[str | None] = mapped_column(String(120), default=None)
    soc2020: Mapped[str | None] = mapped_column(String(4), default=None)
    grade: Mapped[str | None] = mapped_column(String(60), default=None)
    scp_min: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    scp_max: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    contract_months: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    working_pattern: Mapped[WorkingPattern | None] = mapped_column(text_enum(WorkingPattern), default=None)
    office_days_per_week: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    postcode: Mapped[str | None] = mapped_column(String(8), default=None)
    directorate: Mapped[str | None] = mapped_column(String(120), default=None)
    description: Mapped[str] = mapped_column(Text, default="")
    essential: Mapped[list[Any]] = mapped_column(default_factory=list)
    desirable: Mapped[list[Any]] = mapped_column(default_factory=list)
    starts_on: Mapped[date | None] = mapped_column(default=None)
    hiring_manager_id: Mapped[UUID | None] = mapped_column(default=None)
    apply_method: Mapped[ApplyMethod] = mapped_column(text_enum(ApplyMethod), default=ApplyMethod.HOSTED)
    apply_url: Mapped[str | None] = mapped_column(String(500), default=None)
    clearing_exemption: Mapped[ClearingExemption | None] = mapped_column(text_enum(ClearingExemption), default=None)

    # Chosen before the advert: whoever applied to be judged without a name is.
    is_anonymised: Mapped[bool] = mapped_column(default=True)

    # The requisition: which post of the establishment, and on whose budget
    post_id: Mapped[str | None] = mapped_column(String(60), default=None)
    cost_code: Mapped[str | None] = mapped_column(String(60), default=None)
    request_reason: Mapped[RequestReason | None] = mapped_column(text_enum(RequestReason), default=None)
    freeze_ground: Mapped[str | None] = mapped_column(String(60), default=None)
    # Of the agency worker who covers it meanwhile, where one does.
    agency_weekly_cost_pence: Mapped[int | None] = mapped_column(default=None)
    flags: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    application_form: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'::jsonb"))
    form_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    # Where it stands
    state: Mapped[VacancyState] = mapped_column(text_enum(VacancyState), default=VacancyState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    content_version: Mapped[int] = mapped_column(default=1)
    content_changed_at: Mapped[datetime | None] = mapped_column(default=None)
    requested_at: Mapped[datetime | None] = mapped_column(default=None)
    requested_by: Mapped[UUID | None] = mapped_column(default=None)
    pending_approval_id: Mapped[UUID | None] = mapped_column(default=None)
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    approved_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    approval_expires_at: Mapped[datetime | None] = mapped_column(default=None)
    entered_clearing_at: Mapped[datetime | None] = mapped_column(default=None)
    held_at: Mapped[datetime | None] = mapped_column(default=None)
    hold_reason: Mapped[str | None] = mapped_column(Text, default=None)
    hold_approved_by: Mapped[UUID | None] = mapped_column(default=None)
    copied_from_id: Mapped[UUID | None] = mapped_column(default=None)
    converted_from_id: Mapped[UUID | None] = mapped_column(default=None)
    held_from: Mapped[VacancyState | None] = mapped_column(text_enum(VacancyState), default=None)

    # What clearing said of it
    window_id: Mapped[UUID | None] = mapped_column(default=None)
    window_opened_at: Mapped[datetime | None] = mapped_column(default=None)
    window_closes_at: Mapped[datetime | None] = mapped_column(default=None)
    window_matched: Mapped[int | None] = mapped_column(default=None)
    released_content_version: Mapped[int | None] = mapped_column(default=None)
    released_at: Mapped[datetime | None] = mapped_column(default=None)
    release_reason: Mapped[str | None] = mapped_column(String(40), default=None)
    duty_opened_at: Mapped[datetime | None] = mapped_column(default=None)
    duty_alert_at: Mapped[datetime | None] = mapped_column(default=None)

    # The advert
    advert_days: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    closes_at: Mapped[datetime | None] = mapped_column(default=None)
    publish_at: Mapped[datetime | None] = mapped_column(default=None)
    deadline_extensions: Mapped[list[Any]] = mapped_column(default_factory=list)
    # Whose employees see it while it is an internal advert.
    internal_since: Mapped[datetime | None] = mapped_column(default=None)
    internal_employer_ids: Mapped[list[Any]] = mapped_column(default_factory=list)
    is_auto_published: Mapped[bool] = mapped_column(default=True)
    first_published_at: Mapped[datetime | None] = mapped_column(default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    adverts_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    shortlist_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    # It has ended, and who still waited for an answer has not been told yet.
    candidates_untold_since: Mapped[datetime | None] = mapped_column(default=None)

    # Of the last change, kept by a trigger: who follows the list goes by it (`following`).
    xact_id: Mapped[str] = mapped_column(TransactionId, server_default=func.pg_current_xact_id(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
    openings: Mapped[list[Opening]] = relationship(
        lazy="raise", order_by="Opening.opening_no", default_factory=list, cascade="all, delete-orphan"
    )


class VacancyForm(Base):
    """A form as it was advertised, with the criteria it asked about: what an application answered stays known."""

    __tablename__ = "vacancy_forms"

    employer_id: Mapped[UUID]
    form: Mapped[dict[str, Any]]
    essential: Mapped[list[Any]]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)


class VacancyTombstone(Base):
    """A draft that was deleted, for those who keep a copy of it."""

    __tablename__ = "vacancy_tombstones"
    __table_args__ = (
        Index(None, "xact_id", "id"),
        Index("ix_vacancy_tombstones_key", "employer_id", "source_system", "external_reference"),
    )

    employer_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(String(30))
    source_system: Mapped[str | None] = mapped_column(String(60))
    external_reference: Mapped[str | None] = mapped_column(String(120))
    deleted_at: Mapped[datetime]
    xact_id: Mapped[str] = mapped_column(TransactionId, server_default=func.pg_current_xact_id(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)


class OpeningRequest(Base):
    """Clearing's request for an opening, kept so that what follows it may come in any order."""

    __tablename__ = "opening_requests"

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    referral_id: Mapped[UUID]
    state: Mapped[RequestState] = mapped_column(text_enum(RequestState))
    opening_no: Mapped[int | None] = mapped_column(SmallInteger)
    id: Mapped[UUID] = mapped_column(primary_key=True)


class ReferenceCounter(Base):
    """The last number given out for an employer and year: its row lock makes references gapless."""

    __tablename__ = "reference_counters"

    employer_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last_number: Mapped[int]


class VacancyAlert(Base):
    """Something that a person must look at: a duty opened after the shortlist, an opening promised twice."""

    __tablename__ = "vacancy_alerts"

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    raised_at: Mapped[datetime]
    about_id: Mapped[UUID | None] = mapped_column(default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


VACANCIES, OPENINGS = table_of(Vacancy), table_of(Opening)
_COLUMNS = tuple(each.key for each in inspect(Vacancy).column_attrs if each.key != "xact_id")


def columns_of_vacancy(vacancy: Vacancy) -> dict[str, Any]:
    """What is stored of it, but for what the database writes itself."""
    return {name: getattr(vacancy, name) for name in _COLUMNS}
