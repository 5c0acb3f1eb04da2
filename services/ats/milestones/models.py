from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, false, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class MilestoneKind(StrEnum):
    """In the order in which they happen."""

    PUBLISHED = "published"
    CLOSED = "closed"
    SHORTLISTED = "shortlisted"
    INTERVIEWED = "interviewed"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CLEARED = "cleared"
    STARTED = "started"


class Question(StrEnum):
    """What we ask back about a milestone. It is kept as told all the same, never clamped."""

    OUT_OF_ORDER = "out_of_order"
    PUBLISHED_BEFORE_RELEASE = "published_before_release"
    SHORTLISTED_WITHOUT_CLEARANCE = "shortlisted_without_clearance"
    NO_OPENING_LEFT = "no_opening_left"
    ACCEPTANCE_NOT_REPORTED = "acceptance_not_reported"


class Milestone(Base):
    """One report. `external_event_id` is the sender's own: the same one again changes nothing.

    `corrects` is that of the report whose place this one takes; one that `takes_back` says that it did not happen.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("vacancy_id", "external_event_id"),
        Index(
            "uq_milestones_vacancy_id_corrects",
            "vacancy_id",
            "corrects",
            unique=True,
            postgresql_where="corrects IS NOT NULL",
        ),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    external_event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[MilestoneKind] = mapped_column(text_enum(MilestoneKind))
    occurred_at: Mapped[datetime]
    count: Mapped[int | None] = mapped_column(SmallInteger)
    asked_opening_no: Mapped[int | None] = mapped_column(SmallInteger)
    opening_nos: Mapped[list[Any]] = mapped_column(default_factory=list)
    questions: Mapped[list[Any]] = mapped_column(default_factory=list)
    corrects: Mapped[str | None] = mapped_column(String(120), default=None)
    takes_back: Mapped[bool] = mapped_column(server_default=false(), default=False)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
