"""The states of a booking, and why one is cancelled: coded, for the candidate reads it and the event log keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class BookingState(StrEnum):
    BOOKED = "booked"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    CANDIDATE_UNABLE = "candidate_unable"
    PANEL_UNAVAILABLE = "panel_unavailable"
    ROOM_UNAVAILABLE = "room_unavailable"
    TIMES_CHANGED = "times_changed"
    APPLICATION_ENDED = "application_ended"
    """Withdrawn, or told to be unsuccessful: nobody chooses this, the end of the application brings it."""


CANCEL_LABELS: Mapping[CancelReason, str] = MappingProxyType(
    {
        CancelReason.CANDIDATE_UNABLE: "The candidate cannot come",
        CancelReason.PANEL_UNAVAILABLE: "Somebody on the panel cannot come",
        CancelReason.ROOM_UNAVAILABLE: "The room is not available",
        CancelReason.TIMES_CHANGED: "The times of the interviews were changed",
        CancelReason.APPLICATION_ENDED: "The application has ended",
    }
)
