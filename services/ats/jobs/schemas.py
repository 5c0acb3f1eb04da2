from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from shared.pagination import PagedFilter
from shared.vocabulary import ContractKind

PlainHours = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str)]


class JobCriterion(BaseModel):
    """What a candidate answers to, by id, in an application."""

    criterion_id: str = Field(examples=["E1"])
    text: str


class JobSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    title: str
    employer_code: str
    employer_name: str
    family: str
    grade: str | None
    salary_min_pence: int
    salary_max_pence: int
    hours_per_week: PlainHours
    contract: ContractKind
    contract_months: int | None
    working_pattern: str | None
    outcode: str
    openings: int
    published_at: datetime
    closes_at: datetime


class JobRead(JobSummary):
    scp_min: int | None
    scp_max: int | None
    office_days_per_week: int | None
    postcode: str | None
    directorate: str | None
    description: str
    starts_on: date | None
    essential: list[JobCriterion]
    desirable: list[str] = Field(description="Labels of the skills that count beside the essential criteria")
    apply_method: str = Field(description="hosted: POST the application here; url: apply at apply_url")
    apply_url: str | None


class JobFilter(PagedFilter):
    q: str | None = Field(
        default=None, max_length=200, description="Words, quoted phrases, -without", examples=["housing"]
    )
    employer: str | None = Field(default=None, max_length=10, description="Code of one employer")
    family: str | None = Field(default=None, max_length=60)
    contract: ContractKind | None = None
    working_pattern: str | None = Field(default=None, max_length=40)
    outcode: str | None = Field(default=None, max_length=4)
    salary_from_pence: int | None = Field(
        default=None, ge=0, le=100_000_000, description="The top of the range reaches this"
    )
    closing_before: datetime | None = None
