from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class PanelMember(Base):
    """Somebody on the panel of a vacancy, of the employer or of another council. Who has left stays, with the day."""

    __tablename__ = "panel_members"
    __table_args__ = (
        UniqueConstraint("vacancy_id", "staff_id"),
        Index(
            "uq_panel_members_one_lead",
            "vacancy_id",
            unique=True,
            postgresql_where=text("is_lead AND ended_at IS NULL"),
        ),
        Index(None, "staff_id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    staff_id: Mapped[UUID]
    named_at: Mapped[datetime]
    is_lead: Mapped[bool] = mapped_column(default=False)
    named_by: Mapped[UUID | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ConflictDeclaration(Base):
    """What a member says of their interests; the newest counts. `what` may be about a person.

    `application_ids`: whom it is about; none of them with a conflict: every candidate.
    """

    __tablename__ = "conflict_declarations"
    __table_args__ = (Index(None, "vacancy_id", "recorded_at"),)

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    staff_id: Mapped[UUID]
    has_conflict: Mapped[bool]
    declared_at: Mapped[datetime]
    what: Mapped[str | None] = mapped_column(Text, default=None)
    application_ids: Mapped[list[Any]] = mapped_column(default_factory=list)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ScoreSheet(Base):
    """One member's scores of one application: theirs alone until submitted, and never changed after.

    `scores`: [{"criterion_id", "score", "note"}].
    """

    __tablename__ = "score_sheets"
    __table_args__ = (UniqueConstraint("application_id", "staff_id"), Index(None, "vacancy_id"))

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    staff_id: Mapped[UUID]
    saved_at: Mapped[datetime]
    scores: Mapped[list[Any]] = mapped_column(default_factory=list)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class ModerationNote(Base):
    """What the panel made of scores that lie apart, in the lead's words."""

    __tablename__ = "moderation_notes"
    __table_args__ = (Index(None, "application_id"),)

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    staff_id: Mapped[UUID]
    note: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
