from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from services.ats.establishment.schemas import Strict
from services.ats.selection_policy.schemes import OtherApplications, Scheme


class PolicyTerms(BaseModel):
    """What an employer may decide; the defaults hold for everybody who has not."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    requires_panel: bool = Field(default=False, description="Nobody is sifted but by a panel")
    guaranteed_interviews: list[Scheme] = Field(
        default_factory=list,
        max_length=len(Scheme),
        description="Who claims one of these and meets every essential criterion is interviewed",
    )
    rejection_delay_minutes: int = Field(
        default=240, ge=0, le=10_080, description="How long a rejection may be undone before its candidate is told"
    )
    rejects_knock_outs: bool = Field(
        default=False,
        description="Reject, with its reason, who gives an answer that rules them out; else it is marked for who"
        " decides. Nobody who claims a guaranteed interview is rejected so",
    )
    reserve_list_months: int = Field(
        default=6,
        ge=1,
        le=12,
        description="How many months somebody stays on a reserve list, from the day they are put on it",
    )
    other_applications: OtherApplications = Field(
        default=OtherApplications.LEAVE,
        description="What becomes of a person's other live applications with this employer when they accept an offer",
    )
    draft_grace_minutes: int = Field(
        default=0,
        ge=0,
        le=1440,
        description="How long after the closing a draft that was begun before it may still be sent",
    )
    drafts_kept_days: int = Field(
        default=30, ge=1, le=365, description="How many days after the closing a draft that was not sent is deleted"
    )


class PolicyWrite(PolicyTerms, Strict):
    """In force from a day on; the one before stays in force until then. What is left out is as without a policy."""

    valid_from: date = Field(description="Today or later", examples=["2026-12-01"])


class PolicyRead(PolicyTerms):
    employer: str = Field(description="The employer's code", examples=["SAW"])
    valid_from: date | None = Field(description="Null where the employer has said nothing: this holds for everybody")
