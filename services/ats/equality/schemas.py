from __future__ import annotations

from datetime import date
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from services.ats.equality.fairness import Verdict
from services.ats.equality.questions import CONSENT_VERSION, PREFER_NOT_TO_SAY, QUESTIONS, answers_schema
from services.ats.equality.rules import FunnelStage
from services.ats.vacancies.criteria import Strict

PERIOD = r"^[0-9]{4}-(Q[1-4]|[0-9]{2})$"
NOTHING_SAID = dict.fromkeys(QUESTIONS, PREFER_NOT_TO_SAY)


class EqualityOption(BaseModel):
    code: str = Field(examples=["prefer_not_to_say"])
    label: str = Field(examples=["I prefer not to say"])


class EqualityQuestion(BaseModel):
    id: str = Field(examples=["sex"])
    title: str
    text: str
    options: list[EqualityOption]


class EqualityQuestions(BaseModel):
    """What a front end asks for equality monitoring. Answering is the candidate's own choice."""

    consent_version: str = Field(examples=[CONSENT_VERSION])
    consent: str = Field(description="The words to agree to before anything is sent")
    questions: list[EqualityQuestion]
    answers_schema: dict[str, Any] = Field(description="JSON Schema of the member `answers`")


class EqualityAnswersWrite(Strict):
    """A candidate's answers, with their consent in words of this version."""

    consent_version: str = Field(max_length=20, examples=[CONSENT_VERSION])
    answers: dict[str, str] = Field(
        max_length=len(QUESTIONS) + 10, examples=[NOTHING_SAID], json_schema_extra=answers_schema()
    )


class OwnEqualityAnswers(BaseModel):
    """What was answered is shown to nobody, the candidate included."""

    is_answered: bool = Field(description="Whether answers are kept, which can be replaced or taken back")
    is_counted: bool = Field(description="The quarter has been counted: answers are neither kept nor taken any more")


class EqualityFilter(Strict):
    """One employer, one job family of all employers, or, with neither, the region."""

    period: str | None = Field(
        default=None,
        pattern=PERIOD,
        examples=["2026-Q4", "2026-27"],
        description="A quarter, or a year from April to March; the last released quarter without it",
    )
    employer: str | None = Field(default=None, max_length=10, examples=["SAW"])
    family: str | None = Field(default=None, max_length=60, examples=["housing_homelessness"])

    @model_validator(mode="after")
    def _one_cut(self) -> Self:
        if self.employer is not None and self.family is not None:
            raise ValueError("figures are for an employer or for a family: the two together would single people out")
        return self


class StageFigure(BaseModel):
    stage: FunnelStage
    people: int | None = Field(description="Null where the count is hidden")
    rate: str | None = Field(description="Of those who applied; null where a count is hidden or fewer than ten applied")


class GroupFigures(BaseModel):
    code: str = Field(examples=["everyone"])
    label: str
    stages: list[StageFigure]


class GroupComparison(BaseModel):
    """A group beside the one with the highest rate (four-fifths rule of thumb): a reason to look, no finding."""

    code: str = Field(examples=["female"])
    label: str
    verdict: Verdict = Field(
        description="`review`: a ratio below 0.80 and Fisher's exact test below 0.05; `watch`: the ratio alone;"
        " `too_few`: fewer than ten people, or fewer than five expected to go on; `not_compared`: who prefers not to"
        " say, or nobody to compare with; `hidden`: a count is hidden"
    )
    came: int | None = Field(description="Who came to the stage before")
    rate: str | None = Field(description="Of them, who went on")
    ratio: str | None = Field(description="The rate, divided by the highest")
    interval: list[str] | None = Field(description="The 95% interval of the ratio: low, high")
    p_value: str | None = Field(description="Fisher's exact test, two-sided")
    white_times_as_likely: str | None = Field(
        description="NHS WRES, the inverse direction, for ethnic groups: the rate of White people, divided by theirs"
    )


class StageComparison(BaseModel):
    stage: FunnelStage
    groups: list[GroupComparison]


class CharacteristicFigures(BaseModel):
    id: str = Field(examples=["sex"])
    title: str
    groups: list[GroupFigures] = Field(description="The groups, who prefers not to say, and everyone who answered")
    fairness: list[StageComparison] = Field(description="Whether a group fared worse from one stage to the next")


class EqualityReport(BaseModel):
    """The stage funnel of who applied in a quarter or year and answered, as it was frozen. It never changes."""

    period: str = Field(examples=["2026-Q4"])
    released_on: date
    employer: str | None
    family: str | None
    threshold: int = Field(description="Counts from 1 to below this are hidden, and what would give them away")
    characteristics: list[CharacteristicFigures]
