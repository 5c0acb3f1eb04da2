from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from services.ats.establishment.schemas import Strict


class PolicyTerms(BaseModel):
    """What an employer may decide; the defaults hold for everybody who has not."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    requires_panel: bool = Field(default=False, description="Nobody is sifted but by a panel")


class PolicyWrite(PolicyTerms, Strict):
    """In force from a day on; the one before stays in force until then. What is left out is as without a policy."""

    valid_from: date = Field(description="Today or later", examples=["2026-12-01"])


class PolicyRead(PolicyTerms):
    employer: str = Field(description="The employer's code", examples=["SAW"])
    valid_from: date | None = Field(description="Null where the employer has said nothing: this holds for everybody")
