from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.ats.approvals.models import ApprovalState, Decision
from services.ats.vacancies.criteria import Strict


class DecisionRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    group_no: int
    decision: Decision
    decided_by: UUID
    seat_of: UUID = Field(description="Whose place in the group it fills, where another decided for them")
    reason: str | None
    decided_at: datetime


class GroupProgress(BaseModel):
    name: str
    quorum: int
    approver_ids: list[UUID] = Field(description="Empty: every approver of the employer")


class ApprovalRead(BaseModel):
    """One request: the groups it goes through, whose turn it is, and every decision so far."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: ApprovalState
    content_hash: str
    requested_by: UUID | None
    requested_at: datetime
    groups: list[GroupProgress]
    group_no: int = Field(description="The group whose turn it is, from 1")
    is_exempt: bool
    flow_version: int | None
    reminders_sent: int
    next_reminder_at: datetime | None
    decisions: list[DecisionRead] = Field(default_factory=list)
    decided_by: UUID | None
    decided_at: datetime | None
    expires_at: datetime | None
    reason: str | None
    is_attested: bool
    attested_by: str | None
    attested_reference: str | None


class DecisionReason(Strict):
    """The reason of an approval may be left out; a rejection says why."""

    reason: str | None = Field(default=None, max_length=500, examples=["Within establishment"])


class Attestation(Strict):
    """An approval that was given in the council's own system."""

    approved_at: AwareDatetime = Field(examples=["2026-11-13T16:05:00+00:00"])
    approved_by: str = Field(
        min_length=2, max_length=120, description="The post that approved, not a name", examples=["Head of Housing"]
    )
    reference: str = Field(min_length=1, max_length=120, examples=["WF-88213"])
