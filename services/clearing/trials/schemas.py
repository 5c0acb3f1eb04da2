from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.clearing.registrations.schemas import Reason
from services.clearing.trials.states import TrialKind, TrialState


class PlacementRead(BaseModel):
    """`kind` is null where the terms are the same and nothing is tried."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    referral_id: UUID
    registration_id: UUID
    vacancy_id: UUID
    vacancy_title: str
    home_employer_id: UUID
    gaining_employer_id: UUID
    person_name: str
    kind: TrialKind | None
    state: TrialState
    starts_on: date
    ends_on: date | None
    ended_on: date | None
    end_reason: str | None
    state_since: datetime
    version: int


class TrialEnding(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"ended_by": "employer", "reason": "The post needs fluency in Welsh."}]},
    )
    ended_by: Literal["employee", "employer"]
    reason: Reason


class MyTrialEnding(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Reason


class EmployerSaving(BaseModel):
    employer_id: UUID
    redeployed: int
    net_pence: int


class Savings(BaseModel):
    """Counted once per registration, when the placement is confirmed (4.6)."""

    redeployed: int = Field(description="Placements whose saving could be counted")
    net_pence: int
    net_gbp: str = Field(examples=["65929.50"])
    by_employer: list[EmployerSaving]
