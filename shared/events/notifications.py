"""What `notifications` tells the others."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, Event, Sealed
from shared.vocabulary import Service


class NotificationsSettled(Event):
    """Embedded mode only: the answer to `ats.settling_asked`."""

    name: ClassVar[str] = "notifications.settled.v1"
    aggregate: ClassVar[str] = "round"
    round_id: UUID
    backlog: int
    activity: int


class WebhookDisabled(Event):
    """Nothing is sent to an endpoint any more, because it failed for days or said that it is gone. Its owner is told.

    `host` is where it was: the rest of its address may be as good as a key.
    """

    name: ClassVar[str] = "notifications.webhook_disabled.v1"
    aggregate: ClassVar[str] = "webhook"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    webhook_id: UUID
    employer_id: UUID | None = None
    host: str
    reason: Literal["failing", "gone"]
    disabled_at: datetime
