"""How long people wait for what they are told, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import Counter, Histogram
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.states import DeliveryState

DELIVERIES = Counter("notifications_deliveries_total", "Deliveries that entered a state", ["kind", "state"])

ANSWERS = Counter("notifications_answers_total", "Answers to attempts", ["channel", "answer"])

SECONDS_TO_HAND_OVER = Histogram(
    "notifications_seconds_to_hand_over",
    "Business time from the fact to the provider's acceptance",
    ["kind", "channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)


def count_when_committed(session: AsyncSession, state: DeliveryState, kinds: Sequence[str]) -> None:
    """Count deliveries, by their kinds, that entered `state` in this transaction. One that is rolled back and tried
    again would count them twice.
    """

    def count(_committed: object) -> None:
        for kind in kinds:
            DELIVERIES.labels(kind, state).inc()

    event.listen(session.sync_session, "after_commit", count, once=True)
