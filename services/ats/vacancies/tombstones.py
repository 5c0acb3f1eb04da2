"""What is left of a deleted draft, as the API shows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class TombstoneRead(BaseModel):
    """A vacancy that was a draft and is deleted."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    reference: str
    source_system: str | None
    external_reference: str | None
    deleted_at: datetime
