"""Where news is sent, what was to be sent, and every attempt at it. Nothing of a candidate or an employee is here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.base import Base
from services.notifications.webhooks.states import DisabledReason, EndpointState, WebhookAnswer, WebhookDeliveryState
from shared.orm import text_enum

# In words, not parameters: the planner uses a partial index only where it can read its condition in the query.
IS_WAITING = text("state = 'waiting'")
IS_SENDING = text("state = 'sending'")


class WebhookEndpoint(Base):
    """One address of one client. Without an employer it is a board's, which is told the public news of all.

    `failures` counts failed attempts since the last success, `failing_since` dates the first of them; until
    `held_until` nothing is tried. Both secrets are sealed. Times are the business clock's.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (Index(None, "employer_id"), Index(None, "client_id"))

    employer_id: Mapped[UUID | None]
    # None: a member of staff has set it up.
    client_id: Mapped[UUID | None]
    url: Mapped[str] = mapped_column(String(500))
    event_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    contact_name: Mapped[str] = mapped_column(String(200))
    contact_email: Mapped[str] = mapped_column(String(320))
    sealed_secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    state: Mapped[EndpointState] = mapped_column(text_enum(EndpointState), default=EndpointState.UNVERIFIED)
    disabled_reason: Mapped[DisabledReason | None] = mapped_column(text_enum(DisabledReason), default=None)
    sealed_previous_secret: Mapped[str | None] = mapped_column(Text, default=None)
    previous_until: Mapped[datetime | None] = mapped_column(default=None)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    held_until: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class WebhookEvent(Base):
    """What was told, whether or not anybody was listening: what a replay reads. Kept for thirty days."""

    __tablename__ = "webhook_events"
    __table_args__ = (Index(None, "occurred_at", "event_id"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_type: Mapped[str] = mapped_column(String(60))
    employer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    is_public: Mapped[bool]
    body: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One fact for one endpoint. `body` is sent as it stands, each time: it is what the signature covers.

    `attempts` counts all, `tries` those since it was stored or last sent again by hand. Times are the business
    clock's, except `leased_until`.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_due", "webhook_id", "due_at", "id", postgresql_where=IS_WAITING),
        Index("ix_webhook_deliveries_overdue", "give_up_at", postgresql_where=IS_WAITING),
        Index("ix_webhook_deliveries_sending", "webhook_id", "leased_until", postgresql_where=IS_SENDING),
        Index("ix_webhook_deliveries_newest", "webhook_id", "created_at", "id"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey(WebhookEndpoint.id))
    employer_id: Mapped[UUID | None]
    event_id: Mapped[UUID]
    event_type: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    is_test: Mapped[bool] = mapped_column(default=False)
    state: Mapped[WebhookDeliveryState] = mapped_column(
        text_enum(WebhookDeliveryState), default=WebhookDeliveryState.WAITING
    )
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_answer: Mapped[WebhookAnswer | None] = mapped_column(text_enum(WebhookAnswer), default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    # System clock: until when the worker that tries it now may be believed to live.
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class WebhookAttempt(Base):
    """One attempt and its answer, written once it is known. Never changed."""

    __tablename__ = "webhook_attempts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey(WebhookDelivery.id), primary_key=True)
    attempt_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    answer: Mapped[WebhookAnswer] = mapped_column(text_enum(WebhookAnswer))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    status_code: Mapped[int | None] = mapped_column(SmallInteger, default=None)
