from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from shared.field_errors import wrong_field
from shared.reference.occupations import families

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
Fte = Annotated[
    Decimal,
    Field(ge=0, max_digits=9, decimal_places=2, examples=["84.5"]),
    PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str),
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class FigureWrite(Strict):
    """Full-time equivalents of one job family."""

    family: str = Field(examples=["housing_homelessness"])
    established_fte: Fte = Field(description="Posts in the establishment")
    in_post_fte: Fte = Field(description="Of them held by employees")
    agency_fte: Fte = Field(default=Decimal(0), description="Covered by agency workers")

    @model_validator(mode="after")
    def _is_a_family(self) -> Self:
        if self.family not in families():
            raise wrong_field("family", "not_in_the_list", "family is not a job family")
        return self


class EstablishmentWrite(Strict):
    """All figures of one employer on one day: they take the place of the earlier ones."""

    as_at: date
    figures: list[FigureWrite] = Field(max_length=100)

    @model_validator(mode="after")
    def _each_family_once(self) -> Self:
        if len({each.family for each in self.figures}) != len(self.figures):
            raise wrong_field("figures", "given_twice", "a family is given twice")
        return self


class FigureRead(BaseModel):
    family: str = Field(examples=["housing_homelessness"])
    as_at: date
    established_fte: Fte
    in_post_fte: Fte
    agency_fte: Fte
    vacant_fte: Fte = Field(description="Established and not in post; nothing where more are in post")


class EstablishmentRead(BaseModel):
    employer: str = Field(examples=["SAW"])
    figures: list[FigureRead]


class Ground(Strict):
    code: Code = Field(examples=["statutory"])
    label: str = Field(min_length=3, max_length=200, examples=["A post that the law obliges us to fill"])


class FreezeWrite(Strict):
    starts_on: date
    ends_on: date | None = None
    allowed_grounds: list[Ground] = Field(default_factory=list, max_length=20)
    families: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="Empty: all job families",
        examples=[["housing_homelessness"]],
    )
    reason: str = Field(min_length=3, max_length=500, examples=["In-year budget measures"])

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise wrong_field("ends_on", "order_reversed", "ends_on is before starts_on")
        if unknown := set(self.families) - set(families()):
            raise wrong_field("families", "not_in_the_list", f"not a job family: {', '.join(sorted(unknown))}")
        return self


class FreezeRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    starts_on: date
    ends_on: date | None
    allowed_grounds: list[Ground]
    families: list[str]
    reason: str
    made_at: datetime
    lifted_at: datetime | None


class FreezeLift(Strict):
    reason: str = Field(min_length=3, max_length=500, examples=["The budget was set"])
