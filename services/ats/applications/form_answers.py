"""What a candidate writes into the sections and questions of a council's form."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, EmailStr, Field, StringConstraints

MAX_JOBS, MAX_EDUCATION, MAX_REGISTRATIONS, MAX_REFEREES = 40, 30, 10, 4
DAY = "^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
PHONE = r"^[0-9+() -]+$"


class Written(BaseModel):
    """Kept as it was typed: nothing is cut off or tidied."""

    model_config = ConfigDict(extra="forbid")


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.search(DAY, value):
        raise ValueError("a date is written like 2024-09-01")
    return value


Day = Annotated[
    date,
    BeforeValidator(_day, json_schema_input_type=date),
    Field(examples=["2024-09-01"], json_schema_extra={"pattern": DAY}),
]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
AsTyped = Annotated[str, StringConstraints(strip_whitespace=False)]
Long = Annotated[str, Field(max_length=5000)]


class Employment(Written):
    employer: Short = Field(examples=["Severn Housing"])
    job_title: Short = Field(examples=["Housing adviser"])
    started_on: Day
    ended_on: Day | None = Field(default=None, description="None: still there")
    duties: Long = ""
    reason_for_leaving: Long = ""


class Break(Written):
    """Time between jobs, in the candidate's words."""

    started_on: Day
    ended_on: Day | None = Field(default=None, description="None: until now")
    reason: Short = Field(examples=["Caring for a parent"])


class Education(Written):
    institution: Short = Field(examples=["Sandwell College"])
    qualification: Short = Field(examples=["BTEC Level 3, health and social care"])
    grade: str = Field(default="", max_length=100)
    awarded_on: Day | None = None


class Registration(Written):
    body: Short = Field(examples=["Social Work England"])
    number: str = Field(min_length=1, max_length=60, pattern=r"\S", examples=["SW104233"])
    expires_on: Day | None = None


class Referee(Written):
    name: Short
    email: EmailStr = Field(max_length=320, examples=["j.smith@severn.example"])
    phone: str | None = Field(default=None, max_length=40, pattern=PHONE)
    organisation: Short
    relationship: Short = Field(examples=["Line manager"])
    ask_me_first: bool = Field(default=False, strict=True, description="Not to be asked before the candidate knows")


class FormAnswers(BaseModel):
    """The members of an application that only some forms ask for."""

    form_version: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        strict=True,
        description="Of the form that was answered; another is refused (409)",
    )
    employment: list[Employment] = Field(default_factory=list, max_length=MAX_JOBS)
    breaks: list[Break] = Field(default_factory=list, max_length=MAX_JOBS, description="With employment")
    education: list[Education] = Field(default_factory=list, max_length=MAX_EDUCATION)
    registrations: list[Registration] = Field(default_factory=list, max_length=MAX_REGISTRATIONS)
    referees: list[Referee] = Field(default_factory=list, max_length=MAX_REFEREES)
    declarations: list[AsTyped] = Field(default_factory=list, max_length=10, description="Ids of those that are made")
    questions: dict[AsTyped, Any] = Field(default_factory=dict, description="By question_id")
