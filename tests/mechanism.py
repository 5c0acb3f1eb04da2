"""A database with the event mechanism alone in three schemas, and the parts of a service's processes on it."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from unittest.mock import patch
from uuid import uuid4

import psycopg
from alembic.migration import MigrationContext
from alembic.operations import Operations
from psycopg import sql
from sqlalchemy import create_engine, make_url

from migrations.mechanism import ADDED_LATER, add_to_mechanism, create_mechanism
from shared.embedded.postgres import PostgresServer
from shared.embedded.redis_server import RedisServer
from shared.provision import database_urls, provision
from shared.settings import Settings
from shared.vocabulary import Service

ROOT = Path(__file__).parent.parent


class Mechanism:
    """`query` looks from outside, as the superuser; everything else runs as the app roles."""

    def __init__(self, admin_url: str, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._admin_url = admin_url
        self._connection: psycopg.Connection[Any] | None = None

    def settings(self, service: Service) -> Settings:
        with patch.dict(os.environ, self.environment, clear=True):
            return Settings.from_environment(service)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """On a kept connection: signing in costs both sides more than most of what is asked here."""
        try:
            return self._query(statement, values)
        except psycopg.OperationalError:
            self.close()
            return self._query(statement, values)

    def _query(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = psycopg.connect(self._admin_url, autocommit=True)
        found = self._connection.execute(statement.encode(), values)
        return found.fetchall() if found.description else []

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def scalar(self, statement: str, *values: Any) -> Any:
        return self.query(statement, *values)[0][0]


@contextmanager
def mechanism_on(
    postgres: PostgresServer, redis: RedisServer, secrets: Mapping[str, str], folder: Path
) -> Generator[Mechanism]:
    name = f"mechanism_{uuid4().hex[:12]}"
    _administer(postgres.url, "CREATE DATABASE {}", name)
    try:
        url = postgres.database_url(name)
        provision(url, secrets)
        urls = database_urls(url, secrets)
        for service in Service:
            _create(urls[f"{service.upper()}_OWNER_DATABASE_URL"], service)
        environment = {
            **secrets,
            **urls,
            "REDIS_URL": redis.url,
            "WME_MODE": "embedded",
            "WME_VAR": str(folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
        }
        made = Mechanism(url, environment)
        yield made
        made.close()
    finally:
        _administer(postgres.url, "DROP DATABASE {} WITH (FORCE)", name)


def _create(owner_url: str, service: Service) -> None:
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        create_mechanism(service)
        for each in ADDED_LATER:
            add_to_mechanism(service, each)
    engine.dispose()


def _administer(url: str, statement: LiteralString, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
