from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ats.case_studies.models import StoryState
from shared.pagination import PagedFilter

MARKUP = "Paragraphs between empty lines; `# ` begins a heading, `* ` a list, `> ` a quotation. No HTML, no links"


Trimmed = StringConstraints(strip_whitespace=True)
Line = Annotated[str, Trimmed, Field(min_length=1, max_length=120)]
Lines = Annotated[str, Trimmed, Field(min_length=1, max_length=300)]
Story = Annotated[str, Trimmed, Field(min_length=1, max_length=20_000)]


class CaseStudyWrite(BaseModel):
    """A person's story, and that they agreed to it."""

    model_config = ConfigDict(extra="forbid")

    title: Line = Field(examples=["From the call centre to housing"])
    summary: Lines = Field(examples=["Amara helps people to keep their homes."])
    story: Story = Field(description=MARKUP, examples=["# How I came here\n\nI began on the telephones."])
    person_job_title: Line = Field(examples=["Housing officer"])
    consent_given_on: date = Field(description="The day on which the person portrayed agreed to this story")
    family: str | None = Field(default=None, max_length=60, description="Shown beside adverts of this kind of work")
    position: int = Field(default=1, ge=1, le=1000, description="The lowest comes first")


class PublishedCaseStudy(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    title: str
    summary: str
    story: str
    person_job_title: str
    family: str | None
    position: int


class CaseStudyRead(PublishedCaseStudy):
    state: StoryState
    consent_given_on: date
    consent_withdrawn_on: date | None
    changed_at: datetime
    version: int


class CaseStudyFilter(PagedFilter):
    employer: str | None = Field(default=None, max_length=10, description="Code of an employer")
    family: str | None = Field(default=None, max_length=60)
