"""Real processes on real parts, something that restarts what dies, and a checker that reads the history afterwards."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from shared import sealing
from shared.database import create_engine, sessions_of, transaction
from shared.dead_letters import redrive
from shared.embedded.postgres import PostgresServer
from shared.embedded.redis_server import RedisServer
from shared.events.base import Event
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.faults import processes
from tests.mechanism import Mechanism

# Children are forked from a process that has imported everything, so that restarting one takes no seconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.processes"])

T = TypeVar("T")
PAIR = ("ats relay", "ats worker", "clearing worker")
TABLES = """
CREATE SCHEMA faults;
CREATE TABLE faults.written (id uuid PRIMARY KEY, event_id uuid NOT NULL);
CREATE TABLE faults.vacancies (id uuid PRIMARY KEY, version int NOT NULL);
CREATE TABLE faults.effects (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, is_stored boolean NOT NULL);
CREATE TABLE faults.copies (id uuid PRIMARY KEY, version int NOT NULL);
GRANT USAGE ON SCHEMA faults TO ats_app, clearing_app;
GRANT ALL ON ALL TABLES IN SCHEMA faults TO ats_app, clearing_app;
"""


@dataclass(frozen=True)
class History:
    """What the databases say after a fault. Everything but `written` and the two proofs has to be nought."""

    written: int
    lost: int
    doubled: int
    unanswered: int
    dead: int
    answered_but_not_kept: int
    out_of_date: int
    republished: int
    duplicates: int
    inversions: int
    overtaken: int

    def __str__(self) -> str:
        return (
            f"written {self.written}, lost {self.lost}, doubled {self.doubled}, unanswered {self.unanswered},"
            f" dead {self.dead}, republished {self.republished}, duplicates absorbed {self.duplicates}"
        )


class Rig:
    def __init__(self, mechanism: Mechanism, postgres: PostgresServer, redis: RedisServer, folder: Path) -> None:
        self.mechanism = mechanism
        self.postgres = postgres
        self.redis = redis
        self.deaths: Counter[str] = Counter()
        self.environment: dict[str, str] = dict(mechanism.environment)
        self.ids: list[UUID] = []
        self._folder = folder
        self._answered = folder / "answered"
        self._counts = folder / "counts"
        self._counts.mkdir()
        self.environment[processes.COUNTS] = str(self._counts)
        self._arguments: dict[str, Any] = {}
        self._running: dict[str, BaseProcess] = {}
        self._variants: dict[str, str] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        mechanism.query(TABLES)
        self._supervisor.start()

    def start(self, *names: str, failpoints: str = "", variant: str | None = None, **environment: str) -> None:
        """`failpoints` holds for this start only: what is restarted after its death runs clean, in its `variant`."""
        for name in names:
            given = self.environment | environment | {"WME_FAILPOINTS": failpoints}
            if variant is not None:
                self._variants[name] = variant
            process = CONTEXT.Process(
                target=processes.run,
                args=(
                    f"{name}, {self._variants.get(name, '')}",
                    given,
                    str(self._folder / "processes.log"),
                    self._arguments if name == "ats api" else {},
                ),
                name=name,
            )
            with self._lock:
                process.start()
                self._running[name] = process

    def stop(self, *names: str, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """End processes for good, and wait for it."""
        for name in names:
            with self._lock:
                process = self._running.pop(name, None)
            if process is not None and process.pid is not None:
                os.kill(process.pid, with_signal)
                process.join(20)
                assert not process.is_alive(), f"{name} did not stop on {with_signal.name}"

    def kill(self, name: str) -> None:
        """SIGKILL; the supervisor starts it anew."""
        with self._lock:
            process = self._running[name]
        before = self.deaths[name]
        process.kill()
        self.wait_for(lambda: self.deaths[name] > before, "the restart")

    def close(self) -> None:
        self._closing.set()
        self._supervisor.join()
        self.stop(*list(self._running), with_signal=signal.SIGKILL)

    def _supervise(self) -> None:
        while not self._closing.wait(0.02):
            with self._lock:
                for name, process in list(self._running.items()):
                    if not process.is_alive():
                        self.deaths[name] += 1
                        self.start(name)

    @contextmanager
    def load(self, per_second: float = 60) -> Generator[None]:
        """Commands at `ats` while the block runs."""
        if not self.ids:
            self.ids = [uuid4() for _ in range(20)]
            for each in self.ids:
                self.mechanism.query("INSERT INTO faults.vacancies VALUES (%s, 0)", each)
        self._arguments = {"ids": self.ids, "per_second": per_second, "answered": str(self._answered)}
        before = self.count("faults.written")
        self.start("ats api")
        self.wait_for(lambda: self.count("faults.written") >= before + 20, "load")
        try:
            yield
        finally:
            self.stop("ats api")

    def write_for(self, seconds: float) -> None:
        """Let the load go on. The length of an experiment, not a wait for something to happen."""
        time.sleep(seconds)

    def write(self, *events: Event) -> list[UUID]:
        """Facts of one transaction, recorded now. Returns their ids."""

        async def write_all(session: AsyncSession) -> list[UUID]:
            return [await processes.write_down(session, uuid4(), each) for each in events]

        return asyncio.run(self._in_ats(write_all))

    def write_groups(self, letters: int = 24, *, stumbling: bool = False) -> None:
        """A backlog of letters that share jobs, with one in each job that fails the first time, if asked."""
        hows = [
            processes.STUMBLES if stumbling and not number % 20 else processes.HARMLESS for number in range(letters)
        ]
        self.write(*(processes.employer(how) for how in hows))

    def was_sent_in_groups(self) -> bool:
        """Whether letters shared a job, the last time they were sent."""
        shared = "SELECT FROM ats.outbox GROUP BY sent_with, attempts HAVING count(*) > 1 AND count(sent_with) > 1"
        return self.mechanism.scalar(f"SELECT EXISTS ({shared})")

    def counted(self, what: str) -> int:
        """How often something happened that leaves no row."""
        file = self._counts / what
        return file.stat().st_size if file.exists() else 0

    def redrive(self, event_id: UUID) -> None:
        """As `POST /v1/dead-letters/…/redrive` does."""
        asyncio.run(self._in_ats(lambda session: redrive(session, event_id, Service.CLEARING)))

    async def _in_ats(self, act: Callable[[AsyncSession], Awaitable[T]]) -> T:
        settings = self.mechanism.settings(Service.ATS)
        sealing.install(settings)
        engine = create_engine(settings.database_url, schema=settings.service, pool_size=1)
        try:
            async with transaction(sessions_of(engine), REGION) as session:
                return await act(session)
        finally:
            await engine.dispose()

    def count(self, table: str, where: str = "true") -> int:
        return self.mechanism.scalar(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 - the tests' own words

    def unanswered(self) -> int:
        return self.count("ats.outbox", "acknowledged_at IS NULL AND dead_at IS NULL")

    def settle(self, within_seconds: float) -> float:
        """Wait until every letter is answered. Returns how long it took, in seconds."""
        started = time.monotonic()
        self.wait_for(lambda: self.unanswered() == 0, "every letter to be answered", within_seconds)
        return time.monotonic() - started

    def wait_for(self, condition: Any, what: str, within_seconds: float = 30) -> None:
        deadline = time.monotonic() + within_seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited {within_seconds} s for {what}: {self.history()}"
            time.sleep(0.02)

    def history(self) -> History:
        """Read who wrote and who heard what. A fact's and a state's handling leave one row each."""
        answered = set(self._answered.read_text().split()) if self._answered.exists() else set()
        kept = {str(row[0]) for row in self.mechanism.query("SELECT id FROM faults.written")}
        one = self.mechanism.scalar
        return History(
            written=len(kept),
            lost=one(
                "SELECT count(*) FROM faults.written w WHERE NOT EXISTS"
                " (SELECT FROM faults.effects f WHERE f.event_id = w.event_id) AND NOT EXISTS"
                " (SELECT FROM ats.outbox o WHERE o.event_id = w.event_id AND o.dead_at IS NOT NULL)"
            ),
            doubled=one(
                "SELECT count(*) FROM (SELECT FROM faults.effects GROUP BY event_id HAVING count(*) > 1) AS doubled"
            ),
            unanswered=self.unanswered(),
            dead=self.count("ats.outbox", "dead_at IS NOT NULL"),
            answered_but_not_kept=len(answered - kept),
            out_of_date=one(
                "SELECT count(*) FROM faults.vacancies v LEFT JOIN faults.copies c USING (id)"
                " WHERE v.version > 0 AND c.version IS DISTINCT FROM v.version"
            ),
            republished=one("SELECT coalesce(sum(greatest(attempts - 1, 0)), 0) FROM ats.outbox"),
            duplicates=one("SELECT coalesce(sum(duplicates), 0) FROM clearing.inbox"),
            # Effects after which one of an earlier event came.
            inversions=one(
                "SELECT count(*) FROM (SELECT event_id > lead(event_id) OVER (ORDER BY no) AS is_inverted"
                " FROM faults.effects) AS ordered WHERE is_inverted"
            ),
            overtaken=self.count("faults.effects", "NOT is_stored"),
        )

    def forget(self) -> None:
        """Begin the next experiment with empty tables."""
        self.mechanism.query(
            "TRUNCATE ats.events, ats.outbox, ats.inbox, clearing.inbox, faults.written, faults.effects,"
            " faults.copies, faults.vacancies"
        )
        self.redis.empty()
        self._answered.unlink(missing_ok=True)
        for each in self._counts.iterdir():
            each.unlink()
        self.ids.clear()
        self.deaths.clear()
        self._variants.clear()


def nothing_wrong(history: History) -> Mapping[str, int]:
    """The invariants of every fault, by name, for one assertion that shows them all."""
    return {
        "lost": history.lost,
        "doubled": history.doubled,
        "unanswered": history.unanswered,
        "answered but not kept": history.answered_but_not_kept,
        "out of date": history.out_of_date,
    }
