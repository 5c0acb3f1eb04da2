"""When a webhook is tried again, when it is given up, when an endpoint is switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notifications.webhooks.states import WebhookAnswer, WebhookDeliveryState

# After the first attempt at once: about a day in all, as spec/notifications.md section 4 asks.
WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
    timedelta(hours=10),
)
MAX_TRIES = len(WAITS) + 1
JITTER = 0.1
# What a long queue or a hold keeps from its turn is over by then too.
GIVE_UP_AFTER = timedelta(hours=28)
DISABLED_AFTER = timedelta(days=3)
# From so many failures in a row on, an endpoint is asked once in a while whether it is back.
FAILURES_BEFORE_HOLD = 5
HOLD = timedelta(minutes=1)
LONGEST_HOLD = timedelta(hours=1)
OVERLAP = timedelta(hours=24)
RETENTION = timedelta(days=30)
LANE = 4

AFTER_ANSWER: Mapping[WebhookAnswer, WebhookDeliveryState] = {
    answer: WebhookDeliveryState.DELIVERED if answer is WebhookAnswer.ACCEPTED else WebhookDeliveryState.WAITING
    for answer in WebhookAnswer
}


def state_after(answer: WebhookAnswer, tries: int) -> WebhookDeliveryState:
    """Whatever is no success is tried again: an endpoint may be mended meanwhile. The last try ends as dead."""
    state = AFTER_ANSWER[answer]
    is_last = state is WebhookDeliveryState.WAITING and tries >= MAX_TRIES
    return WebhookDeliveryState.DEAD if is_last else state


def due_again_at(ended_at: datetime, tries: int, jitter: float, asked: timedelta | None = None) -> datetime:
    """After the failure of try number `tries`: its wait, spread by `jitter` in [0, 1) to a tenth either way.

    Never sooner than the receiver asked for by Retry-After, as far as that is not longer than the longest wait.
    """
    wait = WAITS[min(tries, len(WAITS)) - 1] * (1 - JITTER + 2 * JITTER * jitter)
    return ended_at + max(wait, min(asked or timedelta(0), WAITS[-1]))


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint has answered lately."""

    failures: int = 0
    failing_since: datetime | None = None
    held_until: datetime | None = None

    @property
    def is_well(self) -> bool:
        return self == Health()


def health_after(before: Health, answer: WebhookAnswer, at: datetime, asked: timedelta | None = None) -> Health:
    """One success and all is well. A throttling answer holds everything for the endpoint for as long as it asks."""
    if answer is WebhookAnswer.ACCEPTED:
        return Health()
    failed = replace(before, failures=before.failures + 1, failing_since=before.failing_since or at)
    wait = HOLD if failed.failures >= FAILURES_BEFORE_HOLD else timedelta(0)
    if answer is WebhookAnswer.THROTTLED:
        wait = max(wait, min(asked or HOLD, LONGEST_HOLD))
    return replace(failed, held_until=at + wait if wait else before.held_until)


def is_to_be_disabled(health: Health, answer: WebhookAnswer, at: datetime) -> bool:
    """410 says that it is gone for good; else nothing has arrived for DISABLED_AFTER, whatever was tried."""
    if answer is WebhookAnswer.GONE:
        return True
    return health.failing_since is not None and at - health.failing_since >= DISABLED_AFTER
