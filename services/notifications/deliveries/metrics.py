"""How long people wait for what they are told, and what becomes of it."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

DELIVERIES = Counter("notifications_deliveries_total", "Deliveries that entered a state", ["kind", "state"])

ANSWERS = Counter("notifications_answers_total", "Answers to attempts", ["channel", "answer"])

SECONDS_TO_HAND_OVER = Histogram(
    "notifications_seconds_to_hand_over",
    "Business time from the fact to the provider's acceptance",
    ["kind", "channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
