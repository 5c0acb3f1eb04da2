from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.retention.rules import NOTICE_DAYS
from services.ats.retention.states import RecordKind


class RetentionPolicyCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    employer: str = Field(max_length=10, examples=["SAW"], description="Its code")
    record_kind: RecordKind
    months: int = Field(ge=1, le=240, examples=[6])
    valid_from: date = Field(examples=["2026-12-01"], description="Today or later")
    notice_days: int = Field(
        default=NOTICE_DAYS, ge=1, le=365, description="How long before its end the candidate is told: from 14 to 90"
    )


class RetentionPolicyRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    record_kind: RecordKind
    months: int
    valid_from: date
    notice_days: int
    made_by: UUID | None
    made_at: datetime


class RetentionOutlook(BaseModel):
    """What is forgotten soon, so that a legal hold can be placed before."""

    employer_id: UUID
    record_kind: RecordKind
    months: int = Field(description="In force today; the default where the employer has chosen nothing")
    notice_days: int = Field(description="How long before the end the candidate is told")
    is_default: bool
    ending: int = Field(description="Records that are forgotten within the next 30 days")
