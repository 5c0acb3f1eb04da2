"""What follows from an answer: which state, when to try again, when it is too late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.notifications.channels.answers import AnswerClass
from services.notifications.deliveries.states import DeliveryState

NEXT_STATES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.CREATED: frozenset({DeliveryState.SENDING, DeliveryState.EXPIRED, DeliveryState.CANCELLED}),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.SENT,
            DeliveryState.DELIVERED,
            DeliveryState.TEMPORARY_FAILURE,
            DeliveryState.PERMANENT_FAILURE,
            DeliveryState.TECHNICAL_FAILURE,
        }
    ),
    DeliveryState.TEMPORARY_FAILURE: frozenset({DeliveryState.SENDING, DeliveryState.EXPIRED, DeliveryState.CANCELLED}),
    # A receipt may still come.
    DeliveryState.SENT: frozenset({DeliveryState.DELIVERED, DeliveryState.PERMANENT_FAILURE}),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.PERMANENT_FAILURE: frozenset(),
    DeliveryState.TECHNICAL_FAILURE: frozenset(),
    DeliveryState.EXPIRED: frozenset(),
    DeliveryState.CANCELLED: frozenset(),
}

AFTER_ANSWER: Mapping[AnswerClass, DeliveryState] = {
    AnswerClass.ACCEPTED: DeliveryState.SENT,
    AnswerClass.DEFERRED: DeliveryState.TEMPORARY_FAILURE,
    AnswerClass.UNREACHABLE: DeliveryState.TEMPORARY_FAILURE,
    AnswerClass.TIMED_OUT: DeliveryState.TEMPORARY_FAILURE,
    AnswerClass.DISCONNECTED: DeliveryState.TEMPORARY_FAILURE,
    AnswerClass.NOT_ADMITTED: DeliveryState.TEMPORARY_FAILURE,
    AnswerClass.LOST: DeliveryState.TEMPORARY_FAILURE,
    AnswerClass.REFUSED: DeliveryState.PERMANENT_FAILURE,
    AnswerClass.ADDRESS_UNUSABLE: DeliveryState.PERMANENT_FAILURE,
    AnswerClass.UNSENDABLE: DeliveryState.TECHNICAL_FAILURE,
}

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=2)
# With the growing waits this is more than three days: a mail server that is away for a weekend loses nothing.
MAX_ATTEMPTS = 60
KEEP_TRYING_FOR = timedelta(hours=72)
RETENTION = timedelta(days=90)


def state_after(answer: AnswerClass, attempts: int) -> DeliveryState:
    """The state after the answer to attempt number `attempts`; the last allowed one ends as a technical failure."""
    state = AFTER_ANSWER[answer]
    if state is DeliveryState.TEMPORARY_FAILURE and attempts >= MAX_ATTEMPTS:
        return DeliveryState.TECHNICAL_FAILURE
    return state


def retry_wait(attempts: int, jitter: float) -> timedelta:
    """How long to wait after `attempts` failures: twice as long each time, spread by `jitter` in [0, 1).

    The spread is from three quarters to the whole of the wait, so that a server that comes back is not met by all.
    """
    longest = LONGEST_RETRY / FIRST_RETRY
    wait = FIRST_RETRY * min(2.0 ** (attempts - 1), longest)
    return wait * (0.75 + 0.25 * jitter)


def expires_at(lapses_at: datetime | None, now: datetime) -> datetime:
    """Until when a message stored at `now` is tried: three days, or until telling it would only confuse."""
    latest = now + KEEP_TRYING_FOR
    return latest if lapses_at is None else min(latest, lapses_at)
