from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator

from services.ats.employment_references.forms import MOST_LETTERS, ReferenceForm, ReferenceQuestionKind
from services.ats.employment_references.models import ReferenceState
from services.ats.employment_references.permitted import ReferenceAction
from services.ats.vacancies.criteria import Strict

EvidenceReference = Annotated[
    str,
    Field(
        min_length=2,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/:#-]*$",
        description="Where your records hold it",
        examples=["EDRMS/2026/5120"],
    ),
]
RefereeName = Annotated[str, Field(min_length=2, max_length=200, examples=["Morgan Lee"])]
RefereeEmail = Annotated[EmailStr, Field(max_length=320, examples=["morgan.lee@former.example"])]


class ReferenceAsk(Strict):
    """A referee whom the candidate named, and the time that they can speak of."""

    referee_name: RefereeName
    referee_email: RefereeEmail
    organisation: str = Field(min_length=2, max_length=200, examples=["Former Council"])
    employed_from: date = Field(examples=["2023-02-01"])
    employed_to: date | None = Field(default=None, description="Null: still employed there")
    form: ReferenceForm = ReferenceForm.GENERAL
    asks_first: bool = Field(description="The candidate wants to be asked before this referee is written to")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.employed_to is not None and self.employed_to < self.employed_from:
            raise ValueError("employed_to lies before employed_from")
        return self


class RefereeAddress(Strict):
    referee_name: RefereeName
    referee_email: RefereeEmail


class OffServiceReference(Strict):
    """A reference that came by letter or telephone."""

    evidence_reference: EvidenceReference
    employed_from: date
    employed_to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.employed_to is not None and self.employed_to < self.employed_from:
            raise ValueError("employed_to lies before employed_from")
        return self


class GapExplained(Strict):
    first_on: date
    last_on: date
    explanation: str = Field(min_length=3, max_length=1000, examples=["Cared for a parent"])

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last_on < self.first_on:
            raise ValueError("last_on lies before first_on")
        return self


class ReferenceRead(BaseModel):
    """Who is asked and how far it is; never what was answered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    form: ReferenceForm
    form_version: int
    state: ReferenceState
    referee_name: str
    referee_email: str
    organisation: str
    employed_from: date
    employed_to: date | None
    asks_first: bool
    requested_at: datetime | None
    link_expires_at: datetime | None
    reminders_sent: int
    received_at: datetime | None
    completed_at: datetime | None
    completed_by: UUID | None
    version: int
    allowed_actions: list[ReferenceAction] = Field(default_factory=list)


class Gap(BaseModel):
    first_on: date
    last_on: date
    days: int


class ReferencesRead(BaseModel):
    """The references of one candidate and the times of the last years that nothing covers."""

    application_id: UUID
    looked_back_on_from: date
    gaps: list[Gap] = Field(
        description="Longer than three months, neither covered by a complete reference nor explained"
    )
    references: list[ReferenceRead]


class AnswersRead(BaseModel):
    """What a referee said. Reading it is recorded."""

    model_config = ConfigDict(from_attributes=True)

    answers: dict[str, str] = Field(examples=[{"would_re_employ": "yes"}])
    evidence_reference: str | None
    received_at: datetime


class QuestionRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    label: str
    kind: ReferenceQuestionKind
    is_required: bool
    only_after: tuple[str, str] | None = Field(
        examples=[["has_warnings", "yes"]], description="Arises where that question has this answer"
    )


class OwnReference(BaseModel):
    """What a referee sees behind their link."""

    candidate_name: str
    vacancy_title: str
    employer_name: str
    form: ReferenceForm
    form_version: int
    questions: list[QuestionRead]


class ReferenceGiven(Strict):
    answers: dict[str, Annotated[str, Field(max_length=MOST_LETTERS)]] = Field(
        max_length=60, examples=[{"relationship": "Line manager", "would_re_employ": "yes"}]
    )


class ReferenceReceipt(BaseModel):
    received_at: datetime


class OwnConsent(BaseModel):
    """A referee of one's own, and whether they may be written to."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    referee_name: str
    organisation: str
    state: ReferenceState
