from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.audit.actor import ActorKind
from shared.pagination import PagedFilter


class AuditEntryRead(BaseModel):
    """One entry: who did what to which thing, by ids and codes."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    employer_id: UUID | None = Field(description="Null: WME's own")
    action: str = Field(examples=["application_rejected", "personal_data_read"])
    subject_kind: str = Field(examples=["application"])
    subject_id: UUID
    actor_kind: ActorKind
    actor_id: UUID | None
    decided_at: datetime
    reason: str | None
    recorded_at: datetime


class AuditFilter(PagedFilter):
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    employer_id: UUID | None = None
    action: str | None = Field(default=None, max_length=60, examples=["personal_data_read"])


class AuditChainRead(BaseModel):
    """How far an employer's entries are sealed. Note `code`: later it proves that nothing before it was taken away."""

    model_config = ConfigDict(from_attributes=True)

    employer_id: UUID | None = Field(description="Null: WME's own")
    seals: int = Field(examples=[1204])
    sealed_at: datetime
    code: str = Field(description="The head of the chain", examples=["5f0c…"])
