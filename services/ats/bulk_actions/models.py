from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.bulk_actions.states import BulkAction, ItemState
from shared.orm import text_enum


class ActionBatch(Base):
    """What somebody asked to be done to many applications of one vacancy. `terms` is what goes with the action.

    Its id may be the sender's, and `digest` says what was asked under it: asked again, nothing is done twice.
    """

    __tablename__ = "action_batches"
    __table_args__ = (Index(None, "vacancy_id", "asked_at"),)

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    action: Mapped[BulkAction] = mapped_column(text_enum(BulkAction))
    terms: Mapped[dict[str, Any]]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class BatchItem(Base):
    """One application of a batch: waiting, done, or refused with the problem document that it would get alone."""

    __tablename__ = "action_batch_items"
    __table_args__ = (
        UniqueConstraint("batch_id", "application_id"),
        Index("ix_action_batch_items_waiting", "batch_id", "position", postgresql_where=text("state = 'waiting'")),
    )

    employer_id: Mapped[UUID]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("ats.action_batches.id", ondelete="CASCADE"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[ItemState] = mapped_column(text_enum(ItemState), default=ItemState.WAITING)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB, default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
