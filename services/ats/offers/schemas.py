from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.applications.states import ApplicationAction, RejectionReason, Stage
from services.ats.offers.models import OfferState
from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.fields import Deadline


class OfferMake(Strict):
    salary_pence: int = Field(ge=1, le=100_000_000, description="A year, full time", examples=[3367300])
    starts_on: date = Field(examples=["2027-02-01"])
    reply_by: Deadline = Field(examples=["2026-12-20T17:00"])
    outside_grade_reason: str | None = Field(
        default=None,
        min_length=10,
        max_length=1000,
        description="Why the pay is outside what was advertised: an approver decides before the offer goes out",
        examples=["Two years in the same role at a higher point"],
    )
    skip_reason: str | None = Field(
        default=None,
        min_length=10,
        max_length=500,
        description="For somebody on the reserve list who is not the first: why those before are not offered the post",
        examples=["Cannot start before the summer, by her own word"],
    )


class OfferRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    vacancy_id: UUID
    sequence_no: int = Field(description="1 for the first offer to this candidate; a changed one is the next")
    opening_no: int | None = Field(description="Null while it waits for an approver: it holds nothing yet")
    state: OfferState
    salary_pence: int
    starts_on: date
    reply_by: datetime
    made_at: datetime
    made_by: UUID | None
    answered_at: datetime | None
    withdrawn_reason: str | None
    outside_grade_reason: str | None
    decided_by: UUID | None
    decided_at: datetime | None
    refusal_reason: str | None
    version: int


class ClearedToStart(Strict):
    """Every check is done and the first day is agreed."""

    starts_on: date = Field(examples=["2027-02-01"])


class OwnOffer(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: OfferState
    salary_pence: int
    starts_on: date
    reply_by: datetime


class OwnApplication(BaseModel):
    """What a candidate sees behind their link."""

    id: UUID
    reference: str
    vacancy_title: str
    employer_name: str
    stage: Stage
    rejection_reason: RejectionReason | None
    submitted_at: datetime
    interview_at: datetime | None
    interview_place: str | None
    starts_on: date | None
    reserve_listed_until: datetime | None = Field(description="On the reserve list, once the candidate is told so")
    offer: OwnOffer | None
    version: int
    allowed_actions: list[ApplicationAction]
