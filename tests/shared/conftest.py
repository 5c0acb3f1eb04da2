"""For tests of the event mechanism: its tables alone, in a database of their own, with real transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from uuid import UUID

import pytest

from shared import sealing
from shared.clock import SystemClock
from shared.consumer import Consumer, Desk, Handler
from shared.database import Sessions, create_engine, sessions_of
from shared.events.base import Event
from shared.queue import Queue
from shared.sealing import Keyring
from shared.vocabulary import Service
from tests.mechanism import Mechanism, mechanism_on
from tests.shared.consuming import Answers, Hearing

TABLES = ("events", "outbox", "inbox", "ticks", "settling_answers", "due_failures")


@pytest.fixture(scope="session")
def mechanism_database(parts) -> Iterator[Mechanism]:
    with mechanism_on(parts.postgres, parts.redis, parts.secrets, parts.folder) as made:
        yield made


@pytest.fixture
def mechanism(parts, mechanism_database: Mechanism) -> Mechanism:
    """Empty tables and an empty queue."""
    names = ", ".join(f"{service}.{table}" for service in Service for table in TABLES)
    mechanism_database.query(f"TRUNCATE {names}")
    parts.redis.empty()
    return mechanism_database


@pytest.fixture
def keys(mechanism: Mechanism) -> Keyring:
    return sealing.install(mechanism.settings(Service.ATS))


@pytest.fixture
async def told(mechanism: Mechanism, keys: Keyring) -> AsyncIterator[Sessions]:
    """Transactions of `ats`, the producer."""
    async for sessions in _sessions(mechanism, Service.ATS):
        yield sessions


@pytest.fixture
async def heard(mechanism: Mechanism, keys: Keyring) -> AsyncIterator[Sessions]:
    """Transactions of `clearing`, the consumer."""
    async for sessions in _sessions(mechanism, Service.CLEARING):
        yield sessions


@pytest.fixture
async def queue(mechanism: Mechanism) -> AsyncIterator[Queue]:
    made = Queue(mechanism.settings(Service.ATS).redis_url)
    yield made
    await made.close()


@pytest.fixture
def effects(mechanism: Mechanism) -> Callable[[], list[UUID]]:
    mechanism.query(
        "CREATE TABLE IF NOT EXISTS clearing.effects (event_id uuid NOT NULL); TRUNCATE clearing.effects;"
        "GRANT ALL ON clearing.effects TO clearing_app"
    )
    return lambda: [row[0] for row in mechanism.query("SELECT event_id FROM clearing.effects")]


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def hearing(heard: Sessions, keys: Keyring, queue: Queue, answers: Answers, effects: object) -> Hearing:
    """A worker process of clearing, with these handlers."""

    def made(handlers: Mapping[type[Event], Handler]) -> Consumer:
        return Consumer(Desk(Service.CLEARING, handlers, heard, SystemClock(), keys), queue, answers)

    return made


async def _sessions(mechanism: Mechanism, service: Service) -> AsyncIterator[Sessions]:
    engine = create_engine(mechanism.settings(service).database_url, schema=service, pool_size=10)
    yield sessions_of(engine)
    await engine.dispose()
