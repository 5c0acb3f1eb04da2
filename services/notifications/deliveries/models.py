"""What was to be said to whom, and every attempt at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.base import Base
from services.notifications.channels.answers import AnswerClass
from services.notifications.deliveries.states import DeliveryState
from services.notifications.messages.kinds import Channel
from shared.orm import text_enum

# In words, not parameters: the planner uses a partial index only where it can read its condition in the query.
IS_WAITING = text("state IN ('created', 'temporary_failure')")
IS_SENDING = text("state = 'sending'")
IS_UNWIPED = text("contents IS NOT NULL AND ended_at IS NOT NULL")


class Delivery(Base):
    """One message to one person by one channel about one fact.

    Times are the business clock's, except `leased_until`. `contents` holds all that is personal: the address and the
    variables of the wording. It is wiped when retention ends; a link in it, as soon as the delivery has ended.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "recipient_id", "channel"),
        Index("ix_deliveries_due", "urgency", "due_at", "id", postgresql_where=IS_WAITING),
        Index("ix_deliveries_expiring", "expires_at", postgresql_where=IS_WAITING),
        Index("ix_deliveries_leased", "leased_until", postgresql_where=IS_SENDING),
        Index("ix_deliveries_unwiped", "ended_at", postgresql_where=IS_UNWIPED),
        Index("ix_deliveries_newest", "created_at", "id"),
        Index("ix_deliveries_kind", "kind", "created_at", "id"),
        Index("ix_deliveries_state", "state", "created_at", "id"),
        Index("ix_deliveries_recipient", "recipient_id", "created_at", "id"),
        Index("ix_deliveries_subject", "subject_id", "created_at", "id"),
        Index("ix_deliveries_vacancy", "vacancy_id", "created_at", "id"),
    )

    event_id: Mapped[UUID]
    event_name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(60))
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    # Joins one person's messages and shows nothing of the address.
    recipient_id: Mapped[UUID]
    employer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    urgency: Mapped[int] = mapped_column(SmallInteger)
    contents: Mapped[dict[str, Any] | None]
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    vacancy_id: Mapped[UUID | None] = mapped_column(default=None)
    # Told about a candidate who may not be known yet, until something is told about them that may.
    is_concealed: Mapped[bool] = mapped_column(default=False)
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState), default=DeliveryState.CREATED)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_answer: Mapped[AnswerClass | None] = mapped_column(text_enum(AnswerClass), default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    handed_over_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    # System clock: until when the worker that tries it now may be believed to live.
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class DeliveryAttempt(Base):
    """One attempt and its answer, written once it is known. Never changed; holds nothing personal."""

    __tablename__ = "delivery_attempts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey(Delivery.id), primary_key=True)
    attempt_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    answer: Mapped[AnswerClass] = mapped_column(text_enum(AnswerClass))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    reply_code: Mapped[int | None] = mapped_column(SmallInteger, default=None)
