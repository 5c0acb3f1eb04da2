from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.files.kinds import DocumentKind
from services.ats.files.models import DocumentState
from services.ats.vacancies.criteria import Strict


class DocumentSent(Strict):
    """A file in JSON."""

    name: str = Field(default="", max_length=400, examples=["Certificate.pdf"])
    content_base64: str = Field(
        min_length=1, examples=["JVBERi0xLjQK…"], description="The content in base64 (RFC 4648)"
    )


class OwnDocument(BaseModel):
    """To who sent it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID | None = Field(
        description="None: sent ahead of one, kept for two days, or as long as the draft that it is for"
    )
    name: str = Field(validation_alias="file_name", examples=["Certificate.pdf"])
    kind: DocumentKind
    size_bytes: int
    sha256: str
    state: DocumentState
    uploaded_at: datetime


class CandidateDocument(BaseModel):
    """To who decides."""

    id: UUID
    name: str = Field(examples=["A-7K3QX9PD-1.pdf"])
    kind: DocumentKind
    size_bytes: int
    state: DocumentState
    uploaded_at: datetime


class CandidateDocuments(BaseModel):
    """What a candidate sent beside the form. Of a candidate who is not shown yet, only that there is something."""

    count: int
    is_hidden: bool = Field(description="Until the shortlist no name, kind or content of a document is shown")
    items: list[CandidateDocument]
