from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOIDED = "voided"
    """The content was changed before anyone decided."""
    EXPIRED = "expired"
    """It was given, and not used in time."""


class Decision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


class Approval(Base):
    """One request for approval of one content, and its decision. `content_hash` says of which content.

    `groups` are those of the employer's flow when it was asked for, `group_no` (from 1) the one whose turn it is.
    An attested approval was given in the council's own system: `attested_by` is the post that gave it, not a name.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        Index("uq_approvals_one_pending", "vacancy_id", unique=True, postgresql_where="state = 'pending'"),
        Index("ix_approvals_reminder_due", "next_reminder_at", postgresql_where="state = 'pending'"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    groups: Mapped[list[Any]]
    expires_after_months: Mapped[int] = mapped_column(SmallInteger)
    reminder_working_days: Mapped[int] = mapped_column(SmallInteger)
    group_no: Mapped[int] = mapped_column(SmallInteger, default=1)
    is_exempt: Mapped[bool] = mapped_column(default=False)
    flow_version: Mapped[int | None] = mapped_column(default=None)
    reminders_sent: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_reminder_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    state: Mapped[ApprovalState] = mapped_column(text_enum(ApprovalState), default=ApprovalState.PENDING)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(Text, default=None)
    is_attested: Mapped[bool] = mapped_column(default=False)
    attested_by: Mapped[str | None] = mapped_column(String(120), default=None)
    attested_reference: Mapped[str | None] = mapped_column(String(120), default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ApprovalDecision(Base):
    """What one approver said in one group. `seat_of` is whose place in the group it fills: their own, or another's
    who delegated it to them.
    """

    __tablename__ = "approval_decisions"
    __table_args__ = (
        UniqueConstraint("approval_id", "group_no", "seat_of"),
        UniqueConstraint("approval_id", "group_no", "decided_by"),
    )

    employer_id: Mapped[UUID]
    approval_id: Mapped[UUID] = mapped_column(ForeignKey("ats.approvals.id"))
    group_no: Mapped[int] = mapped_column(SmallInteger)
    decision: Mapped[Decision] = mapped_column(text_enum(Decision))
    decided_by: Mapped[UUID]
    seat_of: Mapped[UUID]
    reason: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
