from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ForeignKey, Index, PrimaryKeyConstraint, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class FeedFormat(StrEnum):
    XML = "xml"
    JSON = "json"


class FeedState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


class ReadOutcome(StrEnum):
    GOOD = "good"
    UNCHANGED = "unchanged"
    """Its server says that nothing changed since the last good read."""
    EMPTY = "empty"
    """No row at all: that says nothing about what has left it."""
    HELD = "held"
    """Too many have left it at once: their absence counts when somebody has confirmed it."""
    FAILED = "failed"


class PolledFeed(Base):
    """One feed of one employer. Its `channel` is the source_system of what comes of it.

    `claim` is who reads it now, until `claimed_until` (system clock); `next_at` is business time. `failures` counts
    failed reads in a row. `etag` and `last_modified` are those of the last read that left no question.
    """

    __tablename__ = "polled_feeds"
    __table_args__ = (UniqueConstraint("employer_id", "channel"), Index(None, "next_at"))

    employer_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(Text)
    format: Mapped[FeedFormat] = mapped_column(text_enum(FeedFormat))
    mapping: Mapped[dict[str, Any]]
    interval_minutes: Mapped[int] = mapped_column(SmallInteger)
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    state: Mapped[FeedState] = mapped_column(text_enum(FeedState), default=FeedState.ACTIVE)
    version: Mapped[int] = mapped_column(default=1)
    failures: Mapped[int] = mapped_column(default=0)
    last_read_at: Mapped[datetime | None] = mapped_column(default=None)
    last_good_at: Mapped[datetime | None] = mapped_column(default=None)
    last_outcome: Mapped[ReadOutcome | None] = mapped_column(text_enum(ReadOutcome), default=None)
    etag: Mapped[str | None] = mapped_column(Text, default=None)
    last_modified: Mapped[str | None] = mapped_column(Text, default=None)
    claim: Mapped[UUID | None] = mapped_column(default=None)
    claimed_until: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class FeedItem(Base):
    """A reference that the feed has shown. `absences`: good reads in a row without it, and then it has left."""

    __tablename__ = "polled_feed_items"
    __table_args__ = (PrimaryKeyConstraint("feed_id", "external_reference"),)

    employer_id: Mapped[UUID]
    feed_id: Mapped[UUID] = mapped_column(ForeignKey("ats.polled_feeds.id"))
    external_reference: Mapped[str] = mapped_column(String(120))
    absences: Mapped[int] = mapped_column(SmallInteger, default=0)
    is_absence_confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    left_at: Mapped[datetime | None] = mapped_column(default=None)


class FeedRun(Base):
    """One read: how it ended, what became of the rows (those that stayed as they are only counted), who was missing."""

    __tablename__ = "polled_feed_runs"
    __table_args__ = (Index(None, "feed_id", "started_at"),)

    employer_id: Mapped[UUID]
    feed_id: Mapped[UUID] = mapped_column(ForeignKey("ats.polled_feeds.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    outcome: Mapped[ReadOutcome] = mapped_column(text_enum(ReadOutcome))
    counts: Mapped[dict[str, Any]]
    results: Mapped[list[Any]]
    missing: Mapped[list[Any]]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    absences_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
