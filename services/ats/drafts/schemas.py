from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field, model_validator

from services.ats.documents.schemas import OwnDocument
from services.ats.drafts.rules import MEMBERS
from services.ats.vacancies.criteria import Strict
from shared.field_errors import wrong_field

TYPED = (
    "Members of an application, whether or not they could be sent so. What is given replaces what was typed before,"
    " null takes it away, what is left out stays"
)


class Typed(Strict):
    application: dict[str, Any] = Field(
        default_factory=dict, description=TYPED, examples=[{"name": "Amara Osei", "supporting_statement": "I like"}]
    )

    @model_validator(mode="after")
    def _members_of_an_application(self) -> Self:
        if set(self.application) - MEMBERS:
            # Not named: what a stranger sends as a name is not repeated.
            raise wrong_field(
                "application", "unknown_member", "an application has no such member, or it is the e-mail address"
            )
        return self


class DraftBegin(Typed):
    email: EmailStr = Field(
        max_length=320, examples=["amara.osei@people.example"], description="Where its links go; it cannot be changed"
    )


class DraftSave(Typed):
    """With the version that was read, in `If-Match`: two windows never undo each other unseen."""


class MissingPart(BaseModel):
    field: str = Field(examples=["questions.Q3"])
    code: str = Field(examples=["missing"])
    message: str = Field(examples=["Answer it."])


class DraftRead(BaseModel):
    id: UUID
    job_id: UUID
    job_title: str
    version: int
    begun_at: datetime
    saved_at: datetime
    closes_at: datetime | None = Field(description="The closing of the advert")
    may_be_sent_until: datetime | None = Field(
        description="The closing with the employer's grace for drafts; null where the advert is over"
    )
    form_version: int = Field(description="Of the form that was shown last")
    current_form_version: int = Field(description="Where it is another: show what is new, then save it as form_version")
    application: dict[str, Any] = Field(description="As it was typed")
    missing: list[MissingPart] = Field(description="What keeps it from being sent; empty when it can be")
    documents: list[OwnDocument] = Field(description="Sent for it; an answer names one by its id")
    application_id: UUID | None = Field(description="What it became, once it is sent")


class FormerApplication(BaseModel):
    id: UUID
    job_title: str
    submitted_at: datetime


class FormerChosen(Strict):
    application_id: UUID


class DraftLinkRequest(Strict):
    email: EmailStr = Field(max_length=320, examples=["amara.osei@people.example"])


class DraftLinkSent(BaseModel):
    """The same answer whether or not anybody is known by this address."""

    detail: str = "If an application was begun with this address, a link to each is on its way. Earlier links are void."
