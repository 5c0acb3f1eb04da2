from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.clearing.base import Base
from services.clearing.matching.states import MatchState
from services.clearing.vacancy_mirror.models import Vacancy
from shared.orm import text_enum


class Match(Base):
    """One person suggested for one vacancy in one window. The gaining council never reads it (R54).

    `rank_key` sorts as text in the order of R9, best first. `explanation` is the object of spec 3.3.
    """

    __tablename__ = "matches"
    __table_args__ = (
        Index("uq_matches_person_window", "registration_id", "window_id", unique=True),
        Index(None, "vacancy_id", "rank_key"),
        Index(None, "home_employer_id", "suggested_at"),
        Index("ix_matches_expiring", "closes_at", postgresql_where=text("state = 'suggested'")),
        CheckConstraint("score BETWEEN 0 AND 10000", name="score"),
    )

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.registrations.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.vacancies.id"))
    window_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.windows.id"))
    home_employer_id: Mapped[UUID]
    ring: Mapped[int]
    tier: Mapped[int]
    score: Mapped[int]
    rank_key: Mapped[str] = mapped_column(String(200))
    explanation: Mapped[dict[str, Any]]
    suggested_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state_since: Mapped[datetime]
    state: Mapped[MatchState] = mapped_column(text_enum(MatchState), default=MatchState.SUGGESTED)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
    vacancy: Mapped[Vacancy] = relationship(Vacancy, lazy="raise", init=False, viewonly=True)


class DutyOutcome(StrEnum):
    """How a statutory offer duty (R12) came to its end."""

    OFFERED = "offered"
    DECLINED_BY_PERSON = "declined_by_person"
    NOT_SUITABLE = "not_suitable"
    PROTECTION_ENDED = "protection_ended"


class Duty(Base):
    """R12: suitable work must be offered to this person; the vacancy stays closed until HR records an outcome."""

    __tablename__ = "duties"
    __table_args__ = (
        Index("uq_duties_person_vacancy", "registration_id", "vacancy_id", unique=True),
        Index("ix_duties_open", "vacancy_id", postgresql_where=text("outcome IS NULL")),
    )

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.registrations.id"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.vacancies.id"))
    match_id: Mapped[UUID] = mapped_column(ForeignKey("clearing.matches.id"))
    home_employer_id: Mapped[UUID]
    opened_at: Mapped[datetime]
    outcome: Mapped[DutyOutcome | None] = mapped_column(text_enum(DutyOutcome), default=None)
    reason: Mapped[str | None] = mapped_column(String(2000), default=None)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
