from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.vocabulary import ContractKind


class InternalAdvert(BaseModel):
    """What an employee reads."""

    reference: str
    title: str
    family: str
    grade: str | None
    salary_min_pence: int
    salary_max_pence: int
    hours_per_week: str
    contract: ContractKind
    contract_months: int | None
    working_pattern: str | None
    outcode: str
    directorate: str | None
    description: str
    essential: list[str]
    openings: int
    starts_on: date | None
    apply_method: str = Field(description="hosted, or url: apply at apply_url")
    apply_url: str | None
    flags: dict[str, Any] = Field(default_factory=dict, description="As on the vacancy: checks, driving, hybrid work")


class InternalJobRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    advert: InternalAdvert
    published_at: datetime
    closes_at: datetime
