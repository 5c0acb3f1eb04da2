"""What a council says when it holds, extends or narrows an advert, and how that is shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.fields import Deadline
from shared.field_errors import wrong_field


class ExtensionReason(StrEnum):
    NO_APPLICATIONS = "no_applications"
    RIGHT_CANDIDATE_NOT_FOUND = "right_candidate_not_found"
    OTHER = "other"


class DeadlineExtension(Strict):
    """A later deadline while the advert is out, and why."""

    closes_at: Deadline
    reason: ExtensionReason
    note: str | None = Field(default=None, min_length=3, max_length=500)

    @model_validator(mode="after")
    def _another_reason_is_told(self) -> Self:
        if self.reason is ExtensionReason.OTHER and self.note is None:
            raise wrong_field("note", "missing", "reason other needs a note")
        return self


class ExtensionRead(BaseModel):
    was_until: datetime
    until: datetime
    reason: ExtensionReason
    note: str | None
    extended_at: datetime


class HoldWanted(Strict):
    """Why it is held and which approver decided so; left out, it is the approver who asks, or whom a client names in
    `On-Behalf-Of`.
    """

    reason: str = Field(min_length=3, max_length=500, examples=["Budget review"])
    approved_by: UUID | None = Field(default=None, description="An approver of the employer")


class HoldRead(BaseModel):
    since: datetime
    reason: str
    approved_by: UUID


class EarlyClose(Strict):
    reason: str | None = Field(default=None, min_length=3, max_length=500, examples=["Enough strong applications"])


class InternalAudience(Strict):
    """Whose employees may see it: the employer's own, or those of several."""

    employers: list[str] = Field(min_length=1, max_length=60, examples=[["SAW", "DUD"]])
    closes_at: Deadline
