from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class StoryState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class CaseStudy(Base):
    """One person's story. Row-level security shows it to everyone while it is published, else to its employer alone."""

    __tablename__ = "case_studies"
    __table_args__ = (Index(None, "employer_id", "position", "id"),)

    employer_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(300))
    story: Mapped[str] = mapped_column(Text)
    person_job_title: Mapped[str] = mapped_column(String(120))
    # The day on which the person portrayed agreed to this story, and took it back.
    consent_given_on: Mapped[date]
    changed_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(SmallInteger, default=1)
    family: Mapped[str | None] = mapped_column(String(60), default=None)
    consent_withdrawn_on: Mapped[date | None] = mapped_column(default=None)
    state: Mapped[StoryState] = mapped_column(text_enum(StoryState), default=StoryState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
