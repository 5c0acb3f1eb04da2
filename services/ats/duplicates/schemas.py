from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.applications.states import Stage
from services.ats.duplicates.rules import Sign
from services.ats.persons.states import LinkReason, LinkVerdict
from services.ats.vacancies.criteria import Strict


class PersonShown(BaseModel):
    """One of the two who are compared, as one application of theirs has it."""

    application_id: UUID
    reference: str = Field(examples=["A-7K3QX9PD"])
    vacancy_id: UUID
    vacancy_title: str = Field(examples=["Housing officer"])
    stage: Stage
    submitted_at: datetime
    name: str = Field(examples=["Amara Osei"])
    email: str = Field(examples=["amara.osei@people.example"])
    phone: str | None = Field(examples=["0121 496 0000"])


class SuggestionRead(BaseModel):
    """Two who may be one person. Whether they are is for people to say."""

    employer_id: UUID
    signs: list[Sign]
    reasons: str = Field(examples=["same name, same phone"])
    first: PersonShown
    second: PersonShown


class SuggestionsRead(BaseModel):
    """The weightiest first. `compared`: how many applications were looked at, the newest of each employer."""

    items: list[SuggestionRead]
    found: int = Field(description="Of which `items` are the first")
    compared: int


class PersonLinkCreate(Strict):
    """What somebody says of the people behind two applications of one employer."""

    application_ids: list[UUID] = Field(
        min_length=2,
        max_length=2,
        examples=[["0d9d32a7-934a-4742-aa26-eb6a3e3ba9b3", "71612945-eba3-44f1-971b-6ad31ed63a9e"]],
    )
    verdict: LinkVerdict
    reason: LinkReason


class PersonLinkUndo(Strict):
    reason: LinkReason


class TwinRead(BaseModel):
    """Live applications of one person for one vacancy: which of them goes on is for people to say."""

    vacancy_id: UUID
    vacancy_title: str
    application_ids: list[UUID]


class PersonLinkRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    first_application_id: UUID
    second_application_id: UUID
    verdict: LinkVerdict
    reason: LinkReason
    decided_by: UUID | None
    decided_at: datetime
    undone_by: UUID | None
    undone_at: datetime | None
    undo_reason: LinkReason | None


class PersonLinkWithTwins(PersonLinkRead):
    live_for_one_vacancy: list[TwinRead] = Field(
        description="Nothing was settled between them. Applications that are not shown to who decides are not here"
    )
