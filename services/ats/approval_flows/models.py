from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class ApprovalFlow(Base):
    """One version of an employer's flow; the newest is in force, and a request keeps the one it was made under.

    `groups`, in order: [{"name", "quorum", "approver_ids"}]; without ids it is every approver of the employer.
    `exempt_groups` are asked instead where `exempt_when` is true of the post.
    """

    __tablename__ = "approval_flows"
    __table_args__ = (UniqueConstraint("employer_id", "version"),)

    employer_id: Mapped[UUID]
    version: Mapped[int]
    groups: Mapped[list[Any]]
    exempt_groups: Mapped[list[Any]]
    exempt_when: Mapped[dict[str, Any]]
    expires_after_months: Mapped[int] = mapped_column(SmallInteger)
    reminder_working_days: Mapped[int] = mapped_column(SmallInteger)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ApprovalDelegation(Base):
    """From `starts_on` to `ends_on` (both inclusive) one approver decides in another's place."""

    __tablename__ = "approval_delegations"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="ends_after_it_starts"),
        CheckConstraint("from_staff_id <> to_staff_id", name="is_to_another"),
        Index(None, "employer_id", "ends_on"),
    )

    employer_id: Mapped[UUID]
    from_staff_id: Mapped[UUID]
    to_staff_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
