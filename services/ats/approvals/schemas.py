from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.ats.approvals.models import ApprovalState
from services.ats.vacancies.criteria import Strict


class ApprovalRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: ApprovalState
    content_hash: str
    requested_by: UUID | None
    requested_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None
    is_attested: bool
    attested_by: str | None
    attested_reference: str | None


class ApprovalDecision(Strict):
    """The reason of an approval may be left out; a rejection says why."""

    reason: str | None = Field(default=None, max_length=500, examples=["Within establishment"])


class Attestation(Strict):
    """An approval that was given in the council's own system."""

    approved_at: AwareDatetime = Field(examples=["2026-11-13T16:05:00+00:00"])
    approved_by: str = Field(
        min_length=2, max_length=120, description="The post that approved, not a name", examples=["Head of Housing"]
    )
    reference: str = Field(min_length=1, max_length=120, examples=["WF-88213"])
