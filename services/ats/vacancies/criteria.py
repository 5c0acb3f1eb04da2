"""Essential criteria by kind and desirable skills, as a council writes them (clearing R28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.field_errors import wrong_field
from shared.reference.occupations import families, unit_groups
from shared.reference.skills import skills
from shared.vocabulary import CriterionKind

MEMBERS_OF_KIND: Mapping[CriterionKind, tuple[str, ...]] = MappingProxyType(
    {
        CriterionKind.QUALIFICATION: ("level", "subjects"),
        CriterionKind.REGISTRATION: ("registration_code",),
        CriterionKind.EXPERIENCE: ("months", "families", "soc_codes"),
        CriterionKind.SKILL: ("skill_id", "level"),
    }
)
OBLIGATORY: Mapping[CriterionKind, tuple[str, ...]] = MappingProxyType(
    {
        CriterionKind.QUALIFICATION: ("level",),
        CriterionKind.REGISTRATION: ("registration_code",),
        CriterionKind.EXPERIENCE: ("months",),
        CriterionKind.SKILL: ("skill_id", "level"),
    }
)
SKILL_LEVELS = 3
FRAMEWORK_LEVELS = 8


class Strict(BaseModel):
    """An unknown field is an error that names it: a misspelt field is never lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class CriterionWrite(Strict):
    """One essential criterion. Give only the members of its kind."""

    kind: CriterionKind
    text: str = Field(min_length=1, max_length=500, examples=["A year advising people with housing needs"])
    criterion_id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-]{1,20}$", description="Yours, or E1, E2, … in order"
    )
    trainable: bool = Field(default=False, description="Can be learnt on the job")
    weeks_to_train: int | None = Field(default=None, ge=1, le=104)
    level: int | None = Field(
        default=None, ge=1, le=FRAMEWORK_LEVELS, description="Qualification: framework level. Skill: 1 to 3"
    )
    subjects: list[str] = Field(default_factory=list, max_length=20)
    registration_code: str | None = Field(default=None, max_length=60, examples=["social_work_england"])
    skill_id: str | None = Field(default=None, examples=["housing_advice"])
    families: list[str] = Field(default_factory=list, max_length=26)
    soc_codes: list[str] = Field(default_factory=list, max_length=50)
    months: int | None = Field(default=None, ge=1, le=480)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        given = {
            name
            for name in ("level", "subjects", "registration_code", "skill_id", "families", "soc_codes", "months")
            if getattr(self, name)
        }
        if surplus := given - set(MEMBERS_OF_KIND[self.kind]):
            raise wrong_field(min(surplus), "not_of_its_kind", f"a criterion of kind {self.kind} has no such member")
        if missing := set(OBLIGATORY[self.kind]) - given:
            raise wrong_field(min(missing), "missing", f"a criterion of kind {self.kind} needs it")
        if self.kind is CriterionKind.EXPERIENCE and not (self.families or self.soc_codes):
            raise wrong_field("families", "missing", "experience is counted in families or soc_codes")
        if self.trainable and self.weeks_to_train is None:
            raise wrong_field("weeks_to_train", "missing", "a trainable criterion needs weeks_to_train")
        return self

    @model_validator(mode="after")
    def _is_in_the_reference_lists(self) -> Self:
        if self.skill_id is not None:
            _check_skill(self.skill_id, self.level)
        if unknown := [family for family in self.families if family not in families()]:
            raise wrong_field("families", "not_in_the_list", f"not a job family: {', '.join(unknown)}")
        if unknown := [code for code in self.soc_codes if code not in unit_groups()]:
            raise wrong_field("soc_codes", "not_in_the_list", f"not a SOC 2020 unit group: {', '.join(unknown)}")
        return self


class DesirableWrite(Strict):
    """A skill that counts for a match, with its weight."""

    skill_id: str = Field(examples=["case_recording"])
    level: int = Field(ge=1, le=SKILL_LEVELS)
    weight: int = Field(ge=1, le=3)

    @model_validator(mode="after")
    def _is_a_skill(self) -> Self:
        _check_skill(self.skill_id, self.level)
        return self


def _check_skill(skill_id: str, level: int | None) -> None:
    if skill_id not in skills():
        raise wrong_field("skill_id", "not_in_the_list", f"{skill_id} is not in the region's list of skills")
    if level is not None and level > SKILL_LEVELS:
        raise wrong_field("level", "not_in_the_list", "a skill's level is 1, 2 or 3")


def with_ids(criteria: Sequence[CriterionWrite]) -> list[CriterionWrite]:
    """Every criterion with an id of its own. Raises ValueError for an id given twice."""
    named = [
        each if each.criterion_id else each.model_copy(update={"criterion_id": f"E{number}"})
        for number, each in enumerate(criteria, start=1)
    ]
    if len({each.criterion_id for each in named}) != len(named):
        raise wrong_field("essential", "given_twice", "two criteria have the same criterion_id")
    return named
