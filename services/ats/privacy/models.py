from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.audit.actor import ActorKind
from services.ats.base import Base
from services.ats.privacy.states import CaseKind, Confirmation
from shared.orm import text_enum
from shared.vocabulary import Service


class DataSubjectCase(Base):
    """One request of one person. Their name and addresses stand here until it is closed, to ask and to tell them.

    `employer_id` is none where it is about all employers. `manifest` says what each service held and did.
    """

    __tablename__ = "data_subject_cases"
    __table_args__ = (
        Index(None, "person_key"),
        Index(None, "employer_id", "opened_at", "id"),
        Index("ix_data_subject_cases_open", "due_at", postgresql_where=text("closed_at IS NULL")),
    )

    employer_id: Mapped[UUID | None]
    kind: Mapped[CaseKind] = mapped_column(text_enum(CaseKind))
    person_key: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(320))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    opened_by_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    opened_by: Mapped[UUID | None]
    confirmed_by: Mapped[Confirmation] = mapped_column(text_enum(Confirmation))
    name: Mapped[str | None] = mapped_column(String(200), default=None)
    right_name: Mapped[str | None] = mapped_column(String(200), default=None)
    right_email: Mapped[str | None] = mapped_column(String(320), default=None)
    held_for: Mapped[list[Any]] = mapped_column(default_factory=list)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    manifest: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    signature: Mapped[str | None] = mapped_column(String(64), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class CasePart(Base):
    """What one service answers to a case. `records`, of an access, wait here until all have answered."""

    __tablename__ = "case_parts"
    __table_args__ = (Index("ix_case_parts_unanswered", "ask_again_at", postgresql_where=text("answered_at IS NULL")),)

    employer_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    ask_again_at: Mapped[datetime]
    asks: Mapped[int] = mapped_column(SmallInteger, default=1)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    held: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    changed: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    kept: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    records: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(DataSubjectCase.id), primary_key=True, default=None)
    service: Mapped[Service] = mapped_column(text_enum(Service), primary_key=True, default=None)


class DataExport(Base):
    """An export that waits to be fetched once. Fetched or too late, the row is gone."""

    __tablename__ = "data_exports"

    employer_id: Mapped[UUID | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(DataSubjectCase.id), primary_key=True)


class LegalHold(Base):
    """An employer must keep what it has of one person, for a claim that is made or expected. Never deleted."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index("ix_legal_holds_in_force", "person_key", "employer_id", postgresql_where=text("lifted_at IS NULL")),
    )

    employer_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    person_key: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID | None]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None] = mapped_column(default=None)
    lifted_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
