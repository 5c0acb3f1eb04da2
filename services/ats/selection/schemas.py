from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.vacancies.criteria import Strict


class CapWrite(Strict):
    """More qualify for a guaranteed interview than can be seen: how many are, and why no more."""

    most: int = Field(ge=1, le=100, description="The best of those who qualify, by their mean score")
    reason: str = Field(min_length=10, max_length=500, examples=["41 qualify and the panel has two days."])


class CapRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    most: int
    method: Literal["best_of_the_qualifying"] = "best_of_the_qualifying"
    reason: str
    decided_by: UUID | None
    decided_at: datetime
