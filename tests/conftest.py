"""Real PostgreSQL and Redis for every test: one throwaway server of each per pytest worker.

Most tests share one connection whose outer transaction is rolled back at the end (`sessions`, `ats`, …), so the code
under test may commit. A test about concurrency, the event log or the queue takes `live`: a database of its own.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import uuid4

import httpx
import hypothesis
import psycopg
import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from psycopg import sql
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Receive, Scope, Send

import services.ats.app
import services.ats.seed
import services.clearing.app
import services.clearing.seed
import services.notifications.app
import services.notifications.seed
from shared import addresses, sealing
from shared.database import ENTER_TENANCY, Sessions, create_engine, sessions_of, transaction
from shared.embedded.folders import throwaway_folder
from shared.embedded.postgres import PostgresServer
from shared.embedded.redis_server import RedisServer
from shared.embedded.secrets_file import generate_secrets
from shared.provision import database_urls, provision
from shared.ratelimit import RateLimiter
from shared.seeding import seed
from shared.settings import Settings
from shared.tenancy import REGION
from shared.tokens import VerificationKeys, Verifier
from shared.vocabulary import Service
from tests.one_process import ModulesKeptTogether
from tests.tokens import Signer
from tests.whole_system import WholeSystem

ROOT = Path(__file__).parent.parent
BUILDERS = {
    Service.ATS: services.ats.app.build,
    Service.CLEARING: services.clearing.app.build,
    Service.NOTIFICATIONS: services.notifications.app.build,
}
SEEDS = {
    Service.ATS: services.ats.seed.load,
    Service.CLEARING: services.clearing.seed.load,
    Service.NOTIFICATIONS: services.notifications.seed.load,
}
# Tests live in the week of Monday 16 November 2026, unless they say otherwise.
TODAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
# No time limit on a single example: on a busy machine it fails rules that are right.
hypothesis.settings.register_profile("ours", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("ours")


class FixedClock:
    """The business clock of a test: stands still until it is moved."""

    def __init__(self, now: datetime = TODAY) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> datetime:
        self.instant += by
        return self.instant


@dataclass(frozen=True)
class Parts:
    """The servers of one pytest worker, its migrated template database and the environment of our processes."""

    folder: Path
    postgres: PostgresServer
    redis: RedisServer
    secrets: Mapping[str, str]
    template: str
    shared: str
    # Building an API and compiling its statements costs more than most tests: once for all that share a database.
    apps: dict[Service, FastAPI] = field(default_factory=dict)
    compiled: dict[Service, dict[Any, Any]] = field(default_factory=lambda: {each: {} for each in Service})

    def environment(self, database: str | None = None) -> dict[str, str]:
        url = self.postgres.database_url(database or self.template)
        return {
            **self.secrets,
            **database_urls(url, self.secrets),
            "REDIS_URL": self.redis.url,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "WME_MODE": "embedded",
            "WME_VAR": str(self.folder),
        }

    def install_keys(self) -> None:
        """Seal with the keys of these servers: a test before may have worked with those of others."""
        settings = self.settings(Service.ATS)
        sealing.install(settings)
        addresses.install(settings)

    def settings(self, service: Service, database: str | None = None) -> Settings:
        with _environ(self.environment(database)):
            return Settings.from_environment(service)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def parts() -> Iterator[Parts]:
    secrets = generate_secrets()
    settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with (
        throwaway_folder() as folder,
        PostgresServer(folder, settings=settings) as server,
        RedisServer(folder) as redis,
    ):
        made = Parts(folder, server, redis, secrets, template="migrated", shared="rolled_back")
        _administer(server.url, "CREATE DATABASE migrated")
        provision(server.database_url("migrated"), secrets)
        made.install_keys()
        migrate(made.environment())
        _administer(server.url, "CREATE DATABASE {} TEMPLATE {}", made.shared, made.template)
        yield made


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ModulesKeptTogether:
    return ModulesKeptTogether(config, log)


@pytest.fixture(scope="session")
def whole_system() -> Iterator[WholeSystem]:
    """Started once for all modules of the xdist group `whole system`; the last test of it stops it."""
    with throwaway_folder() as folder, WholeSystem(folder) as started:
        started.run()
        yield started


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the three histories to their heads and load the region, as `make run` does, in this process: starting
    an interpreter for each takes longer than the work.
    """
    with _environ(environment):
        for service, load in SEEDS.items():
            command.upgrade(Config(ROOT / "migrations/alembic.ini", ini_section=service), "head")
            seed(service, load)


@contextmanager
def _environ(environment: Mapping[str, str]) -> Iterator[None]:
    saved = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def _administer(url: str, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@dataclass
class Services:
    """The three services in this process, on one database."""

    parts: Parts
    sessions: dict[Service, Sessions]
    clock: FixedClock
    signer: Signer
    database: str

    def settings(self, service: Service) -> Settings:
        return self.parts.settings(service, self.database)

    def app(self, service: Service) -> FastAPI:
        """The API of one service on this database. It knows no keys yet: each test publishes its own."""
        settings = self.settings(service)
        if self.database != self.parts.shared:
            return BUILDERS[service](settings)
        if service not in self.parts.apps:
            self.parts.apps[service] = BUILDERS[service](settings)
        app = self.parts.apps[service]
        app.state.verifier = Verifier(VerificationKeys(), settings.public_urls[Service.ATS], service)
        return app

    @asynccontextmanager
    async def client(self, service: Service, app: FastAPI | None = None) -> AsyncGenerator[httpx.AsyncClient]:
        """A caller of one service's API, or of another `app` in its place."""
        limiter = RateLimiter(self.parts.redis.url)
        state = {
            "settings": self.settings(service),
            "sessions": self.sessions[service],
            "clock": self.clock,
            "limiter": limiter,
        }
        transport = httpx.ASGITransport(_with_state(app or self.app(service), state), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{service.value}") as client:
            yield client
        await limiter.close()


def _with_state(app: ASGIApp, state: dict[str, Any]) -> ASGIApp:
    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return with_state


class Connections:
    """One connection per service for all tests that are rolled back: opening three for each costs more than most."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._engines = {
            each: create_engine(parts.settings(each, parts.shared).database_url, schema=each, pool_size=1)
            for each in Service
        }
        self._open: dict[Service, AsyncConnection] = {}

    async def of(self, service: Service) -> AsyncConnection:
        """The connection, opened anew when a test has restarted the server meanwhile."""
        if (connection := self._open.get(service)) is not None:
            try:
                async with connection.begin():
                    await connection.execute(text("SELECT 1"))
            except DBAPIError:
                await connection.invalidate()
                await connection.close()
            else:
                return connection
        connection = await self._engines[service].connect()
        self._open[service] = await connection.execution_options(compiled_cache=self._parts.compiled[service])
        return self._open[service]

    async def close(self) -> None:
        for connection in self._open.values():
            await connection.close()
        for engine in self._engines.values():
            await engine.dispose()


@pytest.fixture(scope="session")
async def connections(parts: Parts) -> AsyncIterator[Connections]:
    opened = Connections(parts)
    yield opened
    await opened.close()


@pytest.fixture
async def world(parts: Parts, connections: Connections, clock: FixedClock) -> AsyncIterator[Services]:
    """The services on shared connections, one per service: what a test writes is rolled back."""
    parts.install_keys()
    parts.redis.empty()  # what earlier tests counted against rate limits is not this one's
    async with AsyncExitStack() as stack:
        sessions: dict[Service, Sessions] = {}
        for service in Service:
            connection = await connections.of(service)
            outer = await connection.begin()
            stack.push_async_callback(outer.rollback)
            sessions[service] = async_sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
        made = Services(parts, sessions, clock, Signer(), parts.shared)
        await made.signer.publish(sessions)
        yield made


@pytest.fixture
async def live(parts: Parts, clock: FixedClock) -> AsyncIterator[Services]:
    """The services on a database of their own, where transactions are real and concurrent."""
    parts.install_keys()
    name = f"live_{uuid4().hex[:12]}"
    _administer(parts.postgres.url, "CREATE DATABASE {} TEMPLATE {}", name, parts.template)
    try:
        async with AsyncExitStack() as stack:
            sessions = {}
            for service in Service:
                engine = create_engine(parts.settings(service, name).database_url, schema=service, pool_size=20)
                stack.push_async_callback(engine.dispose)
                sessions[service] = sessions_of(engine.execution_options(compiled_cache=parts.compiled[service]))
            made = Services(parts, sessions, clock, Signer(), name)
            await made.signer.publish(sessions)
            yield made
    finally:
        _administer(parts.postgres.url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def bearer(world: Services) -> Callable[..., dict[str, str]]:
    """`bearer(Scope.VACANCIES_READ, employers=("SAN",))` makes the headers of an API client."""
    return world.signer.bearer


@pytest.fixture
async def ats(world: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(Service.ATS) as client:
        yield client


@pytest.fixture
async def clearing(world: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(Service.CLEARING) as client:
        yield client


@pytest.fixture
async def notifications(world: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(Service.NOTIFICATIONS) as client:
        yield client


@asynccontextmanager
async def _region_session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session that acts for the region in every statement: requests on the same connection enter other tenancies."""

    def enter_again(session: Session) -> None:
        session.connection().execute(ENTER_TENANCY, {"employer_ids": "", "subject_id": "", "scope": "region"})

    async with transaction(sessions, REGION) as session:
        event.listen(session.sync_session, "do_orm_execute", lambda asked: enter_again(asked.session))
        event.listen(session.sync_session, "before_flush", lambda flushed, *_: enter_again(flushed))
        yield session


@pytest.fixture
async def ats_session(world: Services) -> AsyncIterator[AsyncSession]:
    async with _region_session(world.sessions[Service.ATS]) as session:
        yield session


@pytest.fixture
async def clearing_session(world: Services) -> AsyncIterator[AsyncSession]:
    async with _region_session(world.sessions[Service.CLEARING]) as session:
        yield session


@pytest.fixture
async def notifications_session(world: Services) -> AsyncIterator[AsyncSession]:
    async with _region_session(world.sessions[Service.NOTIFICATIONS]) as session:
        yield session
