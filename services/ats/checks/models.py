from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.audit.actor import ActorKind
from services.ats.base import Base
from services.ats.checks.states import CheckKind, CheckMethod, CheckOutcome, CheckStep, Engagement, WaiverState
from shared.orm import text_enum
from shared.vocabulary import Role


class CheckPolicy(Base):
    """An employer's rules from `valid_from` on: `rules` as `policy.CheckRule` stores them. Never changed.

    Of two for the same day the later one stands.
    """

    __tablename__ = "check_policies"
    __table_args__ = (UniqueConstraint("employer_id", "version"), Index(None, "employer_id", "valid_from"))

    employer_id: Mapped[UUID]
    version: Mapped[int]
    valid_from: Mapped[date]
    rules: Mapped[list[Any]]
    reference_years: Mapped[int] = mapped_column(SmallInteger)
    abroad_years: Mapped[int] = mapped_column(SmallInteger)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class CheckPlan(Base):
    """Who a candidate is as far as checks go by it, and the rules that were in force when the offer was accepted."""

    __tablename__ = "check_plans"

    employer_id: Mapped[UUID]
    engagement: Mapped[Engagement] = mapped_column(text_enum(Engagement))
    has_lived_abroad: Mapped[bool]
    policy_version: Mapped[int]
    policy_valid_from: Mapped[date]
    set_out_at: Mapped[datetime]
    set_out_by: Mapped[UUID | None]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"), primary_key=True)


class PreEmploymentCheck(Base):
    """One check of one candidate as it stands. What was shown is referred to and never held here.

    `required_by` names the rules; `asks` says how much: {"level"}, {"lists"}, {"body"} or {"years"}. `due_on` is the
    next local day on which somebody has to look at it again.
    """

    __tablename__ = "pre_employment_checks"
    __table_args__ = (
        UniqueConstraint("application_id", "kind"),
        Index("ix_pre_employment_checks_due", "due_on", postgresql_where="due_on IS NOT NULL"),
        Index(None, "employer_id", "due_on", "id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    kind: Mapped[CheckKind] = mapped_column(text_enum(CheckKind))
    required_by: Mapped[list[Any]]
    asks: Mapped[dict[str, Any]]
    may_waive: Mapped[bool]
    is_required: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[CheckOutcome] = mapped_column(text_enum(CheckOutcome), default=CheckOutcome.OUTSTANDING)
    version: Mapped[int] = mapped_column(default=1)
    method: Mapped[CheckMethod | None] = mapped_column(text_enum(CheckMethod), default=None)
    evidence_reference: Mapped[str | None] = mapped_column(String(80), default=None)
    copied_on: Mapped[date | None] = mapped_column(default=None)
    checked_by: Mapped[UUID | None] = mapped_column(default=None)
    checked_on: Mapped[date | None] = mapped_column(default=None)
    expires_on: Mapped[date | None] = mapped_column(default=None)
    follow_up_on: Mapped[date | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(Text, default=None)
    waiver: Mapped[WaiverState | None] = mapped_column(text_enum(WaiverState), default=None)
    waiver_asked_by: Mapped[UUID | None] = mapped_column(default=None)
    waiver_reason: Mapped[str | None] = mapped_column(Text, default=None)
    risk_assessment: Mapped[str | None] = mapped_column(Text, default=None)
    waiver_ends_on: Mapped[date | None] = mapped_column(default=None)
    waiver_decided_by: Mapped[UUID | None] = mapped_column(default=None)
    waiver_role: Mapped[Role | None] = mapped_column(text_enum(Role), default=None)
    due_on: Mapped[date | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class CheckEntry(Base):
    """One outcome of one check. Rows are only added; the database lets nobody change one but to blank its words.

    `words` are the reason and the risk assessment, about a person: an erasure takes them and leaves that it was.
    """

    __tablename__ = "check_entries"
    __table_args__ = (Index(None, "check_id", "id"),)

    employer_id: Mapped[UUID]
    check_id: Mapped[UUID] = mapped_column(ForeignKey("ats.pre_employment_checks.id"))
    step: Mapped[CheckStep] = mapped_column(text_enum(CheckStep))
    actor_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]
    method: Mapped[CheckMethod | None] = mapped_column(text_enum(CheckMethod), default=None)
    evidence_reference: Mapped[str | None] = mapped_column(String(80), default=None)
    copied_on: Mapped[date | None] = mapped_column(default=None)
    checked_on: Mapped[date | None] = mapped_column(default=None)
    expires_on: Mapped[date | None] = mapped_column(default=None)
    follow_up_on: Mapped[date | None] = mapped_column(default=None)
    waiver_ends_on: Mapped[date | None] = mapped_column(default=None)
    role: Mapped[Role | None] = mapped_column(text_enum(Role), default=None)
    words: Mapped[str | None] = mapped_column(Text, default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, init=False)
