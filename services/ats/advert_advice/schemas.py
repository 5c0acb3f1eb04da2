from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from services.ats.advert_advice.rules import AdviceCode
from services.ats.vacancies.criteria import Strict


class AdvertDraft(Strict):
    """The words of an advert, before or after it is a vacancy. Whatever is left out is not advised on."""

    title: str = Field(min_length=1, max_length=200, examples=["Homelessness prevention officer"])
    description: str = Field(default="", max_length=20_000, examples=["You help people to keep their homes."])
    essential: list[str] = Field(
        default_factory=list, max_length=100, examples=[["A year advising people with housing needs"]]
    )
    has_pay: bool = Field(default=True, description="Whether the advert says what is paid")


class AdviceRead(BaseModel):
    """A hint, never a refusal."""

    model_config = ConfigDict(from_attributes=True)

    code: AdviceCode
    field: str = Field(examples=["description"])
    detail: str = Field(examples=["Not everybody outside the council knows what this means."])
    next_step: str = Field(examples=["use"])
    found: list[str] = Field(examples=[["utilise"]])


class AdviceList(BaseModel):
    reading_age: int | None = Field(description="In years; null for a short description", examples=[13])
    advice: list[AdviceRead]
