"""What a person wishes and says of themselves, and what their dismissal would cost: the parts of a registration."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.reference.employers import councils
from shared.reference.skills import skills as known_skills

Pence = Annotated[int, Field(ge=0, le=100_000_000)]
WeeklyHours = Annotated[Decimal, Field(ge=0, le=60, decimal_places=2)]
CLOSED = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Skill(BaseModel):
    """Declared until a human confirms it. Level 0 says "I do not have this"."""

    model_config = CLOSED
    skill_id: str
    level: int = Field(ge=0, le=3)
    is_confirmed: bool = False

    @field_validator("skill_id")
    @classmethod
    def _is_on_the_list(cls, value: str) -> str:
        if value not in known_skills():
            raise ValueError("not a skill of the region's list (GET /v1/reference/skills)")
        return value


class Qualification(BaseModel):
    model_config = CLOSED
    level: int = Field(ge=1, le=8, description="Framework level: GCSE 2, A level 3, degree 6")
    subject: str | None = Field(default=None, max_length=60)
    kind: str | None = Field(default=None, max_length=40)


class ProfessionalRegistration(BaseModel):
    """A professional registration, licence or check that is held; `valid_to` is its last day."""

    model_config = CLOSED
    code: str = Field(max_length=60, examples=["driving_licence"])
    valid_to: date | None = None


class Occupation(BaseModel):
    """A job held, either dated (`ended_on` absent while still held) or in whole months."""

    model_config = CLOSED
    title: str = Field(max_length=200)
    soc2020: str | None = Field(default=None, pattern=r"^\d{4}$")
    family: str | None = Field(default=None, max_length=60)
    months: int | None = Field(default=None, ge=0, le=720)
    started_on: date | None = None
    ended_on: date | None = None

    @model_validator(mode="after")
    def _has_months_or_dates(self) -> Occupation:
        if (self.months is None) == (self.started_on is None):
            raise ValueError("give either months or started_on")
        if self.started_on is not None and self.ended_on is not None and self.ended_on < self.started_on:
            raise ValueError("a job does not end before it starts")
        return self


class RedundancyCosts(BaseModel):
    """What the dismissal would cost the home council. Matching never reads it (R52)."""

    model_config = CLOSED
    born_on: date
    service_from_on: date
    weekly_pay_pence: Pence
    pension_member_from_on: date | None = Field(default=None, description="Absent: since the service began")
    uses_actual_week: bool = Field(default=False, description="The council pays the actual week, not the capped one")
    strain_pence: Pence | None = Field(default=None, description="The fund's figure; null where there is none")
    strain_is_quoted: bool = False
    pilon_pence: Pence = 0
    retraining_pence: Pence = Field(default=0, description="What the council pays for retraining")
    excess_travel_pence: Pence = Field(default=0, description="What it pays towards a longer journey")


class Wishes(BaseModel):
    """The limits that a person sets: they may loosen their own, the system never does."""

    model_config = CLOSED
    hours_min: WeeklyHours
    hours_max: WeeklyHours
    max_travel_minutes: int = Field(default=60, ge=0, le=240)
    max_miles: int | None = Field(default=None, ge=0, le=200, description="Straight line; replaces the minutes")
    hybrid_max_travel_minutes: int | None = Field(default=None, ge=0, le=300)
    travel_corrections: dict[str, int] = Field(default_factory=dict, description="Minutes by workplace outward code")
    areas: list[str] = Field(default_factory=list, description="Council areas that are near enough, by code")
    working_patterns: list[str] | None = None
    accepts_fixed_term: bool = False
    accepts_short_fixed_term: bool = False
    accepts_more_than_two_bands_lower: bool = False
    skills: list[Skill] | None = None
    qualifications: list[Qualification] | None = None
    professional_registrations: list[ProfessionalRegistration] | None = None
    occupations: list[Occupation] | None = None

    @field_validator("areas")
    @classmethod
    def _are_councils(cls, values: list[str]) -> list[str]:
        known = {council.code for council in councils()}
        if not set(values) <= known:
            raise ValueError("not a council of the region (GET /v1/reference/employers)")
        return values
