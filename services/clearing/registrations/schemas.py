from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, field_validator, model_validator

from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import NEXT_STATES, state_for_person, verification_due_on
from services.clearing.registrations.states import (
    ClosingReason,
    DisplacementReason,
    EmploymentKind,
    RegistrationSource,
    RegistrationState,
)
from services.clearing.registrations.wishes import CLOSED, Pence, RedundancyCosts, WeeklyHours, Wishes
from shared.reference.places import outcode_of

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


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
    redundancy: RedundancyCosts | None = Field(
        default=None, description="The council's alone, and as a whole: the saving is counted from it when confirmed"
    )


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


def read_registration(registration: Registration, *, for_person: bool = False) -> RegistrationRead:
    """With the verbs that its state permits. Its own person is not told that another one has their number."""
    computed = {"allowed_actions", "verification_due_on", "state"}
    state = state_for_person(registration.state) if for_person else registration.state
    facts = {name: getattr(registration, name) for name in RegistrationRead.model_fields if name not in computed}
    submitted_at = registration.submitted_at
    due_on = None if submitted_at is None else verification_due_on(submitted_at)
    actions = [ACTION_TO[state] for state in NEXT_STATES.get(state, ()) if state in ACTION_TO]
    return RegistrationRead(**facts, state=state, verification_due_on=due_on, allowed_actions=sorted(actions))


ACTION_TO = {
    RegistrationState.SUBMITTED: "submit",
    RegistrationState.VERIFIED: "verify",
    RegistrationState.RETURNED: "return",
    RegistrationState.REJECTED: "reject",
    RegistrationState.SUSPENDED: "suspend",
    RegistrationState.CLOSED: "close",
}
"""The verb that leads to a state; the others are reached by time, a trial or an offer."""
