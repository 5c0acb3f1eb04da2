from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.clearing.referrals.schemas import ReferralRead
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowOrder, WindowState


class WindowRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    vacancy_id: UUID
    employer_id: UUID
    content_version: int
    state: WindowState
    order: WindowOrder
    opened_at: datetime
    closes_at: datetime
    matched: int = Field(description="How many people it was suggested to: a number only, before they are interested")
    released_at: datetime | None
    release_reason: ReleaseReason | None


class VacancyClearing(BaseModel):
    """A vacancy's clearing as its own council sees it. Names stand only in `referrals`: people who were interested."""

    vacancy_id: UUID
    reference: str
    title: str
    window: WindowRead | None = Field(description="Of the present content; null before it entered clearing")
    matched: int
    interested: int
    awaiting_outcome: int = Field(description="How many still block release (R19)")
    outcome_due_at: datetime | None = Field(description="Five working days after the close (R19)")
    interview_due_at: datetime | None = Field(description="Ten working days after the close (R30)")
    allowed_actions: list[str] = Field(description="`reopen` where a filled vacancy has an opening again")
    referrals: list[ReferralRead] = Field(
        description="Best rank first (R9); empty for who may not read referrals (clearing:read or applications:read)"
    )


Choice = Literal["regional_window", "release"]


class Reopening(BaseModel):
    """What a council chooses for a vacancy that was filled until a trial failed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"into": "regional_window"}]})
    into: Choice


class Board(BaseModel):
    """How clearing stands, for the caller's councils or the region: numbers only."""

    registrations: dict[str, int] = Field(examples=[{"active": 291, "on_trial": 4}])
    windows: dict[str, int] = Field(examples=[{"window": 12, "review": 3, "released": 180}])
    referrals: dict[str, int] = Field(examples=[{"referred": 9, "accepted": 14}])
    trials: dict[str, int] = Field(examples=[{"running": 6, "confirmed": 8}])
    open_duties: int
    saving_pence: int
    unmatched_vacancies: int = Field(description="Windows that opened and suited nobody")
    days_added_to_unmatched_median: float | None = Field(
        description="Days from opening to release of vacancies that matched nobody: to be kept small (R20)"
    )
