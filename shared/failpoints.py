"""Places between two steps where a test may kill, fail or delay a process. Off unless `WME_MODE=embedded`.

`WME_FAILPOINTS=consumer.committed:kill@20,relay.claimed:sleep` kills this process at the twentieth time it passes
`consumer.committed` and sleeps for a second every time at `relay.claimed`.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count

FAILPOINTS = (
    "command.recorded",  # rows and outbox written, not committed
    "transaction.committed",  # committed, its caller does not know yet
    "relay.claimed",  # claim committed, nothing in Redis yet
    "relay.published",  # in Redis, not yet looked at again
    "relay.all_due",  # Redis lost everything and all is due again, the mark is not left yet
    "relay.looked",  # letters without an answer are found, which of them are lost is not known yet
    "relay.resend_claimed",  # a further attempt is counted, not in Redis yet
    "consumer.received",  # taken from Redis, nothing written
    "consumer.start_counted",  # the start is committed, the work is not begun
    "consumer.claimed",  # the inbox row is claimed, the handler has not run
    "consumer.between_letters",  # one letter of a group is handled, the next is not
    "consumer.handled",  # the handler has run, nothing is committed
    "consumer.committed",  # the effect is committed, no acknowledgement yet
    "consumer.taken_back",  # a group failed and its starts are taken back, its letters are not parted
    "consumer.parted",  # each letter of a group has a job of its own
    "consumer.buried",  # an event is given up, its producer does not know yet
    "consumer.acknowledged",  # the acknowledgement is in Redis
    "producer.ack_received",  # the acknowledgement is taken from Redis, nothing written
    "producer.ack_committed",  # the outbox row is acknowledged
    "delivery.handed_over",  # the mail server has the message, nothing is recorded yet
    "webhook.posted",  # the receiver has answered, nothing is recorded yet
)
SLEEP_SECONDS = 1.0


class FailpointHit(Exception):
    """Raised on purpose by a test."""


@dataclass
class _Armed:
    action: str
    at: int | None
    passed: count[int]


def failpoint(name: str) -> None:
    """Do what a test asked for here; nothing in any other life."""
    armed = _armed().get(name)
    if armed is None:
        return
    if armed.at is not None and next(armed.passed) != armed.at:
        return
    if armed.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if armed.action == "raise":
        raise FailpointHit(name)
    time.sleep(SLEEP_SECONDS)


@cache
def _armed() -> Mapping[str, _Armed]:
    """What this process was started with. Raises ValueError for a fail-point that does not exist."""
    armed: dict[str, _Armed] = {}
    if os.environ.get("WME_MODE") != "embedded":
        return armed
    for each in filter(None, os.environ.get("WME_FAILPOINTS", "").split(",")):
        name, _, action = each.partition(":")
        action, _, at = action.partition("@")
        if name not in FAILPOINTS or action not in {"kill", "raise", "sleep"}:
            raise ValueError(f"unknown fail-point {each}")
        armed[name] = _Armed(action, int(at) if at else None, count(1))
    return armed
