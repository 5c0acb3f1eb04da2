from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.hires.states import HireAction, LeavingReason, UnhireReason
from services.ats.vacancies.criteria import Strict
from shared.vocabulary import HiringRoute


class HireWanted(Strict):
    starts_on: date | None = Field(default=None, description="When it is another day than the one agreed")


class UnhireWanted(Strict):
    reason_code: UnhireReason


class StartWanted(Strict):
    started_on: date | None = Field(default=None, description="When it was another day than the one agreed")


class NoShow(Strict):
    frees_opening: bool = Field(
        description="True: the hire is over and the opening is free. False: the opening waits for them"
    )


class Leaving(Strict):
    left_on: date = Field(description="The last day", examples=["2026-11-13"])
    reason_code: LeavingReason


class HireRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    vacancy_id: UUID
    opening_no: int
    route: HiringRoute
    starts_on: date
    hired_at: datetime
    hired_by: UUID | None
    start_confirmed_at: datetime | None
    start_confirmed_by: UUID | None
    no_show_at: datetime | None
    left_on: date | None
    leaving_reason: LeavingReason | None
    undone_at: datetime | None
    undone_by: UUID | None
    unhire_reason: UnhireReason | None
    version: int
    allowed_actions: list[HireAction] = Field(default_factory=list)
