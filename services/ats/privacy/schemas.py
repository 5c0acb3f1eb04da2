from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, JsonValue, StringConstraints, model_validator

from services.ats.privacy.states import CaseKind, Confirmation
from shared.vocabulary import Service

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


CASE_EXAMPLE: dict[str, JsonValue] = {
    "kind": "access",
    "email": "amara@people.example",
    "name": "Amara Osei",
    "confirmed_by": "documents",
    "employer": "SAW",
}


class Wanted(BaseModel):
    """What a person wants of their data. A rectification says what is right."""

    model_config = ConfigDict(extra="forbid")

    kind: CaseKind
    right_name: Name | None = Field(default=None, examples=["Amara Osei-Mensah"])
    right_email: EmailStr | None = None

    @model_validator(mode="after")
    def says_what_is_right(self) -> Self:
        says = self.right_name is not None or self.right_email is not None
        if says != (self.kind is CaseKind.RECTIFICATION):
            raise ValueError("right_name or right_email belong to a rectification, and a rectification needs one")
        return self


class OwnCaseCreate(Wanted):
    """By the person's own link: it covers every employer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "rectification", "right_name": "Amara Osei-Mensah"}]}
    )


class CaseCreate(Wanted):
    """By the privacy office. A council's covers what the council holds; WME's may cover everyone's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [CASE_EXAMPLE]})

    email: EmailStr = Field(description="The address by which the person is known", examples=["amara@people.example"])
    name: Name = Field(description="How to greet the person", examples=["Amara Osei"])
    confirmed_by: Literal[Confirmation.DOCUMENTS, Confirmation.KNOWN_TO_US] = Field(
        description="How it was made sure that whoever asks is the person"
    )
    employer: str | None = Field(default=None, max_length=10, description="Its code; WME may leave it out: everyone's")


class CasePartRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    service: Service
    asked_at: datetime
    asks: int = Field(description="More than one: it had not answered and was asked again")
    answered_at: datetime | None
    held: dict[str, int]
    changed: dict[str, int]
    kept: dict[str, int] = Field(description="How many were kept, by reason: legal_hold, contract, being_sent, …")


class CaseRead(BaseModel):
    """A case, without who it is about."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID | None
    kind: CaseKind
    confirmed_by: Confirmation
    opened_at: datetime
    due_at: datetime = Field(description="One month after it was opened (UK GDPR Art. 12(3))")
    closed_at: datetime | None


class CaseDetail(CaseRead):
    parts: list[CasePartRead]


class SignedManifest(BaseModel):
    """What each service held and did, signed: `python -m services.ats.privacy.manifests FILE` verifies it."""

    manifest: dict[str, Any]
    signature: str


class LegalHoldCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(examples=["Employment tribunal claim, ACAS early conciliation opened"])


class LegalHoldRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    application_id: UUID
    reason: str
    placed_by: UUID | None
    placed_at: datetime
    lifted_by: UUID | None
    lifted_at: datetime | None
