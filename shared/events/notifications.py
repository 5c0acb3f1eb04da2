"""What `notifications` tells the others."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.base import Event


class NotificationsSettled(Event):
    """Embedded mode only: the answer to `ats.settling_asked`."""

    name: ClassVar[str] = "notifications.settled.v1"
    aggregate: ClassVar[str] = "round"
    round_id: UUID
    backlog: int
    activity: int
