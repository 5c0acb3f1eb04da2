"""The states a delivery passes through; `rules.py` says in which order."""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    CREATED = "created"
    SENDING = "sending"
    # Handed over; the channel gives no receipt.
    SENT = "sent"
    # Handed over, and the channel says that it arrived.
    DELIVERED = "delivered"
    # It did not work and is tried again.
    TEMPORARY_FAILURE = "temporary_failure"
    # The provider will never take it: no such mailbox.
    PERMANENT_FAILURE = "permanent_failure"
    # Our fault or the provider's, not the recipient's.
    TECHNICAL_FAILURE = "technical_failure"
    # Too late to be of use.
    EXPIRED = "expired"
    CANCELLED = "cancelled"


WAITING = frozenset({DeliveryState.CREATED, DeliveryState.TEMPORARY_FAILURE})
TERMINAL = frozenset(
    {
        DeliveryState.SENT,
        DeliveryState.DELIVERED,
        DeliveryState.PERMANENT_FAILURE,
        DeliveryState.TECHNICAL_FAILURE,
        DeliveryState.EXPIRED,
        DeliveryState.CANCELLED,
    }
)
