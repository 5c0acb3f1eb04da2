from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class AlertState(StrEnum):
    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"


IS_ACTIVE = text("state = 'active'")
IS_UNCONFIRMED = text("state = 'unconfirmed'")
IS_ASKED = text("keep_asked_at IS NOT NULL")


class JobAlert(Base):
    """One person's saved search. It belongs to no employer: its person alone reaches it, by a signed link.

    One that is ended is deleted, address and all. `touched_at`: the last time its person confirmed, changed or kept it.
    """

    __tablename__ = "job_alerts"
    __table_args__ = (
        UniqueConstraint("person_key", "search_key"),
        Index("ix_job_alerts_due", "due_at", "search_key", "id", postgresql_where=IS_ACTIVE),
        Index("ix_job_alerts_unconfirmed", "created_at", "id", postgresql_where=IS_UNCONFIRMED),
        Index("ix_job_alerts_touched", "touched_at", "id"),
        Index("ix_job_alerts_asked", "keep_asked_at", "id", postgresql_where=IS_ASKED),
    )

    email: Mapped[str] = mapped_column(String(320))
    person_key: Mapped[str] = mapped_column(String(64))
    search: Mapped[dict[str, Any]]
    # The same for equal searches, so that they are looked for once.
    search_key: Mapped[str] = mapped_column(String(64))
    frequency: Mapped[Frequency] = mapped_column(text_enum(Frequency))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    link_sent_at: Mapped[datetime]
    state: Mapped[AlertState] = mapped_column(text_enum(AlertState), default=AlertState.UNCONFIRMED)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    # Adverts that came up to this instant have been looked at.
    searched_until: Mapped[datetime | None] = mapped_column(default=None)
    keep_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class JobAlertRun(Base):
    """That a saved search was run for a day: there is one row of it, so there is one mail."""

    __tablename__ = "job_alert_runs"
    __table_args__ = (Index(None, "run_on"),)

    alert_id: Mapped[UUID] = mapped_column(ForeignKey(JobAlert.id, ondelete="CASCADE"), primary_key=True)
    run_on: Mapped[date] = mapped_column(primary_key=True)
    new_jobs: Mapped[int]
