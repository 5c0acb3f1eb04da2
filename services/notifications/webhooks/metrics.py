"""How webhooks fare."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ANSWERS = Counter("notifications_webhook_answers_total", "Answers to attempts at webhooks", ["answer"])

SECONDS_TO_ARRIVE = Histogram(
    "notifications_webhook_seconds_to_arrive",
    "Business time from the fact to the receiver's 2xx",
    ["event_type"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
