from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.clearing.referrals.models import Referral
from services.clearing.referrals.rules import allowed_actions
from services.clearing.referrals.states import OfferState, ReferralState
from services.clearing.registrations.schemas import CLOSED, Pence, Reason
from shared.principals import Principal


class NotShortlisted(BaseModel):
    """Which essential criteria are not met, by id, and why (R19)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"unmet_criteria": ["E1"], "reasons": "No experience with statutory homelessness cases."}]
        },
    )
    unmet_criteria: list[str] = Field(min_length=1, max_length=30)
    reasons: Reason


class WrittenReasons(BaseModel):
    """Told to the person as they stand (R31)."""

    model_config = CLOSED
    reasons: Reason


class InterviewOffer(BaseModel):
    model_config = CLOSED
    interview_at: AwareDatetime | None = None


class OfferTerms(BaseModel):
    """R32. `terms_differ` decides whether there is a trial (R38); say how in `difference`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "starts_on": "2027-02-01",
                    "fte_pay_pence": 3658100,
                    "hours_per_week": "37",
                    "terms_differ": True,
                    "difference": "Another council and workplace; the same pay and hours.",
                }
            ]
        },
    )
    starts_on: date
    fte_pay_pence: Pence
    hours_per_week: Annotated[Decimal, Field(gt=0, le=60, decimal_places=2)]
    terms_differ: bool = True
    difference: str = Field(max_length=2000)
    reply_working_days: int | None = Field(
        default=None, ge=0, le=366, description="3 to 10; the council's policy if absent"
    )


class Refusal(BaseModel):
    model_config = CLOSED
    reason: str | None = Field(default=None, max_length=2000)


class ReferralRead(BaseModel):
    """`priority_band` is all that a gaining council learns of why somebody comes first (R50)."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    registration_id: UUID
    vacancy_id: UUID
    vacancy_title: str
    home_employer_id: UUID
    gaining_employer_id: UUID
    state: ReferralState
    priority_band: int
    name: str
    email: str
    profile: dict[str, Any]
    interested_at: datetime
    review_due_at: datetime
    referred_at: datetime | None
    interview_at: datetime | None
    ended_at: datetime | None
    unmet_criteria: list[str]
    reasons: str | None
    version: int


class ReferralDetail(ReferralRead):
    allowed_actions: list[str]


class OfferRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    referral_id: UUID
    vacancy_id: UUID
    gaining_employer_id: UUID
    state: OfferState
    made_at: datetime | None
    reply_by: datetime
    starts_on: date
    fte_pay_pence: int
    hours_hundredths: int = Field(description="Hundredths of an hour a week")
    terms_differ: bool
    difference: str
    answered_at: datetime | None


class MyReferral(BaseModel):
    """A person's own view: what happened, and the reasons they are owed."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    match_id: UUID
    vacancy_id: UUID
    vacancy_title: str
    state: ReferralState
    interested_at: datetime
    interview_at: datetime | None
    unmet_criteria: list[str]
    reasons: str | None
    ended_at: datetime | None


def read_referral(referral: Referral, caller: Principal) -> ReferralDetail:
    """With the verbs that its state permits to this caller's council."""
    actions = allowed_actions(
        referral.state,
        is_home=caller.may_act_for(referral.home_employer_id),
        is_gaining=caller.may_act_for(referral.gaining_employer_id),
    )
    facts = ReferralRead.model_validate(referral).model_dump()
    return ReferralDetail(**facts, allowed_actions=actions)
