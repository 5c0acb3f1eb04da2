"""Ten thousand at a time: a feed streamed out, an upload taken in."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
import psycopg

from shared.embedded.stack import Stack
from tests.bench.http import Subject
from tests.bench.report import Figure, at_least, at_most
from tests.bench.seed_jobs import APPLICATIONS, VACANCIES, seed_stack

FEEDS = ("indeed.xml", "jobs.json")
FEW = VACANCIES // 10
MEGABYTE = 1024 * 1024
FLAT = 2.0
"""Peak growth with ten times the jobs beside that with one."""
FLOOR_MB = 4.0
"""Less growth than this is an allocator's noise."""
LOOK_SECONDS = 0.005
ROWS_PER_SECOND = 1000


@dataclass
class Peak:
    """The most resident memory that was seen, in megabytes."""

    megabytes: float = 0.0


def measure_feed(stack: Stack) -> list[Figure]:
    """Load all in two steps, and stream each feed after both: how much the API's process grows meanwhile."""
    took = seed_stack(stack, vacancies=FEW, candidates=APPLICATIONS // 10)
    few = _grown(stack)
    took += seed_stack(stack, vacancies=VACANCIES - FEW, candidates=APPLICATIONS - APPLICATIONS // 10, seed=3)
    many = _grown(stack)
    ratio = max(FLOOR_MB, many) / max(FLOOR_MB, few)
    return [
        Figure(f"{VACANCIES:,} vacancies, {APPLICATIONS:,} applications loaded", f"{took:.0f} s", "", None),
        at_most(f"feeds of {VACANCIES:,} / {FEW:,} jobs: peak memory growth", ratio, FLAT),
        Figure("  megabytes grown", f"{many:.1f} / {few:.1f}", f"(at least {FLOOR_MB:g})", None),
    ]


def _grown(stack: Stack) -> float:
    """Megabytes above what the process had when it had written a feed of one employer, which warms what stays."""
    process = psutil.Process(next(each.pid for each in stack.processes() if each.name == "ats-api"))
    with httpx.Client(base_url=stack.base_url("ats"), timeout=120) as client:
        for feed in FEEDS:
            _read(client, f"/v1/feeds/{feed}?employer=SAW")
        before = process.memory_info().rss / MEGABYTE
        with _watching(process) as peak:
            for feed in FEEDS:
                _read(client, f"/v1/feeds/{feed}")
    return peak.megabytes - before


def _read(client: httpx.Client, path: str) -> None:
    with client.stream("GET", path) as answer:
        answer.raise_for_status()
        for _ in answer.iter_raw():
            pass


@contextmanager
def _watching(process: psutil.Process) -> Iterator[Peak]:
    peak, is_over = Peak(), threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            peak.megabytes = max(peak.megabytes, process.memory_info().rss / MEGABYTE)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        watcher.join()


def measure_upload(subject: Subject) -> list[Figure]:
    """One file of drafts: each row checked, stored, audited and told to the others as an event."""
    body = b"".join(json.dumps(_draft(subject.council.code, each)).encode() + b"\n" for each in range(VACANCIES))
    before = _told(subject.stack)
    created = _rate(subject, body, "created")
    told = _told(subject.stack) - before
    unchanged = _rate(subject, body, "unchanged")
    return [
        at_least(f"upload of {VACANCIES:,} new rows, with {told:,} events", created, ROWS_PER_SECOND, " rows/s"),
        Figure("  the same again, nothing changed", f"{unchanged:.0f} rows/s", "", None),
    ]


def _draft(code: str, number: int) -> dict[str, object]:
    return {
        "employer": code,
        "source_system": "bench",
        "external_reference": f"REQ-{number}",
        "title": "Housing officer",
        "hours_per_week": "37",
        "contract": "permanent",
        "postcode": "B69 3DE",
        "scp_min": 20,
        "scp_max": 24,
        "description": "You look after some 400 homes and the people in them.",
    }


def _rate(subject: Subject, body: bytes, status: str) -> float:
    """Rows a second. All of them have to end in this status."""
    headers = {"Authorization": f"Bearer {subject.token}", "Content-Type": "application/x-ndjson"}
    address = f"{subject.stack.base_url('ats')}/v1/vacancies/bulk?employer={subject.council.code}"
    began = time.perf_counter()
    answer = httpx.post(address, content=body, headers=headers, timeout=300)
    seconds = time.perf_counter() - began
    answer.raise_for_status()
    found = answer.json()
    assert found[status] == VACANCIES, {name: found[name] for name in ("created", "unchanged", "refused")}
    return VACANCIES / seconds


def _told(stack: Stack) -> int:
    counted = "SELECT count(*) FROM ats.events WHERE name = 'ats.vacancy_changed.v1'"
    with psycopg.connect(stack.environment["ATS_OWNER_DATABASE_URL"]) as connection:
        connection.execute("SELECT set_config('app.scope', 'region', true)")
        found = connection.execute(counted).fetchone()
    return 0 if found is None else found[0]
