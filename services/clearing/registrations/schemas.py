from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, field_validator, model_validator

from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import NEXT_STATES, verification_due_on
from services.clearing.registrations.states import (
    ClosingReason,
    DisplacementReason,
    EmploymentKind,
    RegistrationSource,
    RegistrationState,
)
from shared.reference.employers import councils
from shared.reference.places import outcode_of
from shared.reference.skills import skills as known_skills

Pence = Annotated[int, Field(ge=0, le=100_000_000)]
WeeklyHours = Annotated[Decimal, Field(ge=0, le=60, decimal_places=2)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]
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


class RegistrationCreate(Wishes):
    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "employer": "SAW",
                    "employee_number": "104233",
                    "name": "Asha Moreton",
                    "email": "asha.moreton@people.example",
                    "reason": "redundancy_notice",
                    "job_title": "Housing officer",
                    "notice_given_on": "2026-11-02",
                    "employment_ends_on": "2027-01-31",
                    "grade_top_scp": 24,
                    "fte_pay_pence": 3658100,
                    "pay_effective_from": "2026-04-01",
                    "hours_per_week": "37",
                    "hours_min": "30",
                    "hours_max": "37",
                    "outcode": "B66",
                    "person_told": True,
                }
            ]
        },
    )
    employer: str = Field(description="The home council's code", examples=["SAW"])
    employee_number: str = Field(min_length=1, max_length=40)
    employment: str = Field(default="1", max_length=40, description="Which of this person's jobs with the council")
    employment_kind: EmploymentKind = EmploymentKind.EMPLOYEE
    name: str = Field(min_length=1, max_length=200)
    email: EmailStr
    reason: DisplacementReason
    job_title: str = Field(min_length=1, max_length=200)
    at_risk_on: date | None = None
    notice_given_on: date | None = None
    employment_ends_on: date | None = None
    grade_top_scp: int | None = Field(default=None, ge=1, le=60)
    grade_top_pence: Pence | None = None
    fte_pay_pence: int = Field(ge=1, le=100_000_000, description="Current annual full-time pay")
    pay_effective_from: date
    hours_per_week: Annotated[Decimal, Field(gt=0, le=60, decimal_places=2)]
    outcode: str
    redundancy: RedundancyCosts | None = None
    person_told: bool = Field(description="Whether the person knows: nobody learns of being at risk from us (R58)")

    @field_validator("outcode")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        found = outcode_of(value)
        if found is None:
            raise ValueError("not an outward code whose position is known")
        return found

    @model_validator(mode="after")
    def _hours_in_order(self) -> RegistrationCreate:
        if self.hours_min > self.hours_max:
            raise ValueError("hours_min is above hours_max")
        return self


class RegistrationChange(Wishes):
    """What is sent is changed and nothing else: null in a list takes back what was said, an absent member keeps it.

    The two dates until verification; the limits, and what the person has said of themselves, at any time.
    """

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"hours_min": "25", "max_travel_minutes": 45}]},
    )
    # Never read unless sent: the defaults only say that each may be left out.
    hours_min: WeeklyHours = Decimal(0)
    hours_max: WeeklyHours = Decimal(60)
    employment_ends_on: date | None = None
    notice_given_on: date | None = None


class Verification(BaseModel):
    """What HR confirms from the evidence it has seen. The tier is a human's decision (R10, R50)."""

    model_config = ConfigDict()
    tier: int = Field(ge=1, le=5)
    protected_until: date | None = Field(default=None, description="Tier 1: the last protected day, and no reason")
    occupational_health_advised: bool = Field(default=False, description="Tier 2: seen by HR, not kept")
    band: int | None = Field(default=None, ge=1, le=12, description="Where HR knows better than the grade")


class Decision(BaseModel):
    model_config = CLOSED
    reason: Reason


class Closing(BaseModel):
    model_config = CLOSED
    reason: ClosingReason


class SignInRequest(BaseModel):
    model_config = CLOSED
    email: EmailStr


class LinkSent(BaseModel):
    """The same answer whether or not anybody is known by this address."""

    detail: str = "If there is a registration for this address, a link is on its way."


class RegistrationSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    home_employer_id: UUID
    employee_number: str
    name: str
    state: RegistrationState
    reason: DisplacementReason
    tier: int | None
    band: int
    employment_ends_on: date | None
    submitted_at: datetime | None
    verified_at: datetime | None


class RegistrationRead(RegistrationSummary):
    """`allowed_actions` are the verbs that this state permits, for whoever may use them."""

    employment: str
    email: str
    source: RegistrationSource
    job_title: str
    fte_pay_pence: int
    pay_effective_from: date
    hours_hundredths: int
    hours_min: int = Field(description="Hundredths of an hour a week")
    hours_max: int = Field(description="Hundredths of an hour a week")
    outcode: str
    max_travel_minutes: int
    max_miles: int | None
    areas: list[Any]
    working_patterns: list[Any] | None
    accepts_fixed_term: bool
    accepts_short_fixed_term: bool
    accepts_more_than_two_bands_lower: bool
    skills: list[Any] | None
    qualifications: list[Any] | None
    professional_registrations: list[Any] | None
    occupations: list[Any] | None
    at_risk_on: date | None
    notice_given_on: date | None
    protected_until: date | None
    person_told: bool
    decision_reason: str | None
    closing_reason: ClosingReason | None
    verification_due_on: date | None = Field(description="HR's target: three working days from submission (R4)")
    version: int
    allowed_actions: list[str]


def read_registration(registration: Registration) -> RegistrationRead:
    """With the verbs that its state permits."""
    computed = {"allowed_actions", "verification_due_on"}
    facts = {name: getattr(registration, name) for name in RegistrationRead.model_fields if name not in computed}
    submitted_at = registration.submitted_at
    due_on = None if submitted_at is None else verification_due_on(submitted_at)
    actions = [ACTION_TO[state] for state in NEXT_STATES.get(registration.state, ()) if state in ACTION_TO]
    return RegistrationRead(**facts, verification_due_on=due_on, allowed_actions=sorted(actions))


ACTION_TO = {
    RegistrationState.SUBMITTED: "submit",
    RegistrationState.VERIFIED: "verify",
    RegistrationState.RETURNED: "return",
    RegistrationState.REJECTED: "reject",
    RegistrationState.SUSPENDED: "suspend",
    RegistrationState.CLOSED: "close",
}
"""The verb that leads to a state; the others are reached by time, a trial or an offer."""
