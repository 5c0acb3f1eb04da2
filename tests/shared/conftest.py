"""For tests of the event mechanism: its tables alone, in a database of their own, with real transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from shared import sealing
from shared.database import Sessions, create_engine, sessions_of
from shared.queue import Queue
from shared.sealing import Keyring
from shared.vocabulary import Service
from tests.mechanism import Mechanism, mechanism_on

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


async def _sessions(mechanism: Mechanism, service: Service) -> AsyncIterator[Sessions]:
    engine = create_engine(mechanism.settings(service).database_url, schema=service, pool_size=10)
    yield sessions_of(engine)
    await engine.dispose()
