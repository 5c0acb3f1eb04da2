"""`make seed-jobs`: 10,000 live vacancies and 200,000 applications, to look at or to measure on.

By itself it starts an instance of its own, loads it, and keeps it until Ctrl-C; `INTO=running` loads the running one.
Rows go in by COPY, through a table of the session's own, so that row-level security holds for them as for any others.
Nothing is told to the other services: they know nothing of these vacancies.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from services.ats.applications.models import Application
from services.ats.base import Base
from shared import sealing
from shared.app import clock_for
from shared.embedded.stack import Stack, private_stack
from shared.settings import Settings
from shared.vocabulary import Service
from tests.bench.many_jobs import Rows, address_of, applications, live_vacancies

ROOT = Path(__file__).parents[2]
VACANCIES, APPLICATIONS = 10_000, 200_000


def seed_jobs(owner_url: str, *, now: datetime, vacancies: int, candidates: int, seed: int = 1) -> None:
    """Load so many, in one transaction. `now` is the instance's business time, and its keys are installed."""
    with psycopg.connect(owner_url) as connection:
        # The owner obeys row-level security too, and may take its time.
        connection.execute("SELECT set_config('app.scope', 'region', true), set_config('statement_timeout', '0', true)")
        counters = "SELECT employer_id, last_number FROM ats.reference_counters WHERE year = %s FOR UPDATE"
        region = live_vacancies(vacancies, now, dict(connection.execute(counters, (now.year,)).fetchall()), seed=seed)
        for kind, rows in region.tables.items():
            _copy(connection, kind, rows)
        numbers = [(employer, now.year, last) for employer, last in region.numbers.items()]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ats.reference_counters (employer_id, year, last_number) VALUES (%s, %s, %s)"
                " ON CONFLICT (employer_id, year) DO UPDATE SET last_number = excluded.last_number",
                numbers,
            )
        for kind, rows in applications(region, candidates, now, seed=seed + 1).items():
            _copy(connection, kind, _with_keys(rows) if kind is Application else rows)
    _tidy(owner_url)


def _with_keys(rows: Rows) -> Rows:
    keys = {each: sealing.person_key(address_of(int(each))) for each in {row["person_key"] for row in rows}}
    return [row | {"person_key": keys[row["person_key"]]} for row in rows]


def _copy(connection: psycopg.Connection[Any], kind: type[Base], rows: Rows) -> None:
    table = kind.__table__
    assert isinstance(table, Table)
    if not rows:
        return
    names = list(rows[0])
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    names_of = {
        "columns": columns,
        "table": sql.Identifier("ats", table.name),
        "held": sql.Identifier(f"s_{table.name}"),
    }
    like_it = "CREATE TEMP TABLE {held} ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0"
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {held}").format(**names_of))
    connection.execute(sql.SQL(like_it).format(**names_of))
    json_columns = {each.name for each in table.columns if isinstance(each.type, JSONB)}
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {held} ({columns}) FROM STDIN").format(**names_of)) as copy,
    ):
        for row in rows:
            copy.write_row([_plain(row[name], is_json=name in json_columns) for name in names])
    connection.execute(sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {held}").format(**names_of))


def _plain(value: Any, *, is_json: bool) -> Any:
    if is_json:
        return Jsonb(value)
    return value.value if isinstance(value, StrEnum) else value


def _tidy(owner_url: str) -> None:
    """As the server does by itself within a minute."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        for name in ("published_jobs", "vacancies", "applications", "candidate_contacts", "hiring_log"):
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier("ats", name)))


def seed_stack(stack: Stack, *, vacancies: int = VACANCIES, candidates: int = APPLICATIONS, seed: int = 1) -> float:
    """Load an instance from a process of its own, with that instance's settings. Returns the seconds it took."""
    began = time.monotonic()
    numbers = [str(vacancies), str(candidates), str(seed)]
    subprocess.run(
        [sys.executable, "-m", "tests.bench.seed_jobs", "load", *numbers], cwd=ROOT, env=stack.environment, check=True
    )
    return time.monotonic() - began


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    if arguments[:1] == ["load"]:
        vacancies, candidates, seed = map(int, arguments[1:] or (VACANCIES, APPLICATIONS, 1))
        settings = Settings.from_environment(Service.ATS)
        if not settings.is_embedded:
            print("These people and vacancies are made up: they are loaded into an embedded system alone.")
            return 2
        sealing.install(settings)
        url, now = environment["ATS_OWNER_DATABASE_URL"], clock_for(settings).now()
        seed_jobs(url, now=now, vacancies=vacancies, candidates=candidates, seed=seed)
        print(f"{vacancies:,} live vacancies and {candidates:,} applications are in", flush=True)
        return 0
    print("Starting an instance of its own", flush=True)
    with private_stack(demonstration=True) as stack:
        print(
            f"Loaded in {seed_stack(stack):.0f} s: {stack.base_url('ats')}/jobs. Ctrl-C ends it, with its data.",
            flush=True,
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
