"""Letters for a worker, handlers that leave a trace, and how they are delivered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import redis
from sqlalchemy import text

from shared.answering import Answering
from shared.consumer import Consumer, Handler, Handling
from shared.envelope import Answer, Envelope
from shared.events.base import Event
from shared.queue import TryAgain
from shared.sealing import Keyring
from shared.vocabulary import Service
from tests.factories.events import NOON, opening_reserved, staff_changed

EFFECT = text("INSERT INTO clearing.effects (event_id) VALUES (:event_id)")


Hearing = Callable[..., Consumer]


class Answers(Answering):
    """Keeps the answers instead of sending them."""

    def __init__(self) -> None:
        self.given: list[tuple[UUID, str | None]] = []

    def add(self, producer: Service, answer: Answer) -> None:
        assert producer is Service.ATS
        self.given.append((answer.event_id, answer.dead_reason))


def envelope(event: Event | None = None, **changes: Any) -> Envelope:
    fact = event or opening_reserved()
    given: dict[str, Any] = {
        "event_id": uuid4(),
        "name": fact.name,
        "kind": fact.kind,
        "producer": Service.ATS,
        "subscriber": Service.CLEARING,
        "attempt": 1,
        "redrives": 0,
        "aggregate_id": fact.aggregate_id,
        "aggregate_version": fact.aggregate_version,
        "occurred_at": NOON,
        "recorded_at": datetime.now(UTC),
        "correlation_id": None,
        "payload": fact.model_dump(mode="json"),
        "sealed": None,
    } | changes
    return Envelope(**given)


def group_letter(**changes: Any) -> Envelope:
    """Of an event whose letters may share a transaction."""
    return envelope(staff_changed(), **changes)


async def leave_effect(handling: Handling, _event: Event) -> None:
    await handling.session.execute(EFFECT, {"event_id": handling.event_id})


def failing(error: Exception, times: int = 1000) -> Handler:
    """Leaves its effect, then fails: the effect must not stay."""
    left = [times]

    async def handler(handling: Handling, event: Event) -> None:
        await leave_effect(handling, event)
        if left[0] > 0:
            left[0] -= 1
            raise error

    return handler


async def deliver(consumer: Consumer, letter: Envelope, keys: Keyring, tries: int = 1) -> float | None:
    """Returns after how many seconds the consumer wants the job again, if it does."""
    try:
        await consumer.deliver({"letters": [letter.signed_with(keys)]}, tries)
    except TryAgain as again:
        return again.seconds
    return None


async def deliver_together(consumer: Consumer, letters: Sequence[Envelope], keys: Keyring, tries: int = 1) -> None:
    await consumer.deliver({"letters": [each.signed_with(keys) for each in letters]}, tries)


def waiting_alone(parts) -> set[str]:
    with redis.Redis.from_url(parts.redis.url) as client:
        return {each.decode() for each in client.zrange("wme:clearing", 0, -1)}


async def deliver_what_was_parted(parts, consumer: Consumer) -> None:
    with redis.Redis.from_url(parts.redis.url) as client:
        jobs = [json.loads(client.get(f"arq:job:{each}")) for each in sorted(waiting_alone(parts))]
    for job in jobs:
        await consumer.deliver(job["a"][0], 1)
