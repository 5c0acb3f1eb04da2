"""Read and write over HTTP, each beside a control in the same minute: three rounds, medians compared."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg

from shared.embedded.binaries import programs_for
from shared.embedded.ports import free_port
from shared.embedded.stack import Stack
from shared.reference.employers import employer_id
from shared.vocabulary import Service
from tests.bench.load import Figures, drive, get, post
from tests.bench.report import Figure, at_least, at_most, middle
from tests.journeys.posts_and_people import posts
from tests.journeys.recruitment import vacancy_of
from tests.journeys.region import CouncilActors, Region

ROOT = Path(__file__).parents[2]
ROUNDS = 3
READS = 1500
WRITES = 400
CONNECTIONS = 8
PGBENCH_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """The ats API of a running instance, one council's system in it, and a live job to apply for."""

    stack: Stack
    council: CouncilActors
    token: str
    board_token: str
    vacancy_id: str
    job_id: str

    @property
    def pid(self) -> int:
        return next(each.pid for each in self.stack.processes() if each.name == "ats-api")


async def measure(subject: Subject) -> list[Figure]:
    reads, cpu, writes, tails = [], [], [], []
    control = _start_control(subject)
    try:
        for _ in range(ROUNDS):
            plain = await _read_control(subject, control)
            ours = await _read_ours(subject)
            reads.append(plain.per_second / ours.per_second)
            cpu.append(ours.cpu_ms)
            bare = await asyncio.to_thread(_pgbench, subject)
            applied = await _apply(subject)
            writes.append(applied.per_second / bare)
            tails.append(applied.percentile(0.95) * 1000)
    finally:
        control.process.terminate()
        control.process.wait()
    return [
        at_most("read a vacancy: psycopg with the same statements / ours", middle(reads), 5),
        at_most("processor time of that read", middle(cpu), 2.0, " ms"),
        at_least("POST application / pgbench transactions", middle(writes), 0.04),
        Figure("POST application, p95 at 8 at once", f"{middle(tails):.0f} ms", "", None),
    ]


@dataclass(frozen=True, slots=True)
class Control:
    process: subprocess.Popen[bytes]
    port: int


def _start_control(subject: Subject) -> Control:
    port = free_port()
    environment = {
        **os.environ,
        "ATS_DATABASE_URL": subject.stack.environment["ATS_DATABASE_URL"],
        "BENCH_EMPLOYER": str(employer_id(subject.council.code)),
        "BENCH_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.control"], cwd=ROOT, env=environment)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/vacancies/{subject.vacancy_id}", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return Control(process, port)
    process.kill()
    raise TimeoutError("the control did not answer")


async def _read_control(subject: Subject, control: Control) -> Figures:
    request = get(f"/vacancies/{subject.vacancy_id}", {})
    return await _steady(f"http://127.0.0.1:{control.port}", request, control.process.pid)


async def _read_ours(subject: Subject) -> Figures:
    request = get(f"/v1/vacancies/{subject.vacancy_id}", {"Authorization": f"Bearer {subject.token}"})
    return await _steady(subject.stack.base_url("ats"), request, subject.pid)


async def _steady(url: str, request: bytes, pid: int) -> Figures:
    await drive(url, lambda _: request, requests=200, connections=CONNECTIONS, pid=pid)
    found = await drive(url, lambda _: request, requests=READS, connections=CONNECTIONS, pid=pid)
    assert set(found.statuses) == {200}, found.statuses
    return found


async def _apply(subject: Subject) -> Figures:
    headers = {"Authorization": f"Bearer {subject.board_token}"}

    def request_of(_: int) -> bytes:
        mark = uuid4().hex
        body = {
            "name": "Bench Candidate",
            "email": f"{mark}@candidates.example",
            "answers": [{"criterion_id": "E1", "answer": "I have done this work."}],
            "supporting_statement": "A statement of a usual length. " * 12,
        }
        sent = headers | {"Idempotency-Key": mark}
        return post(f"/v1/jobs/{subject.job_id}/applications", sent, json.dumps(body).encode())

    url = subject.stack.base_url("ats")
    found = await drive(url, request_of, requests=WRITES, connections=CONNECTIONS, pid=subject.pid)
    assert set(found.statuses) == {201}, found.statuses
    return found


PGBENCH = """\\set n random(1, 1000000000)
BEGIN;
INSERT INTO bench_rows (n, body) VALUES (:n, repeat('x', 500));
INSERT INTO bench_outbox (n, body) VALUES (:n, repeat('x', 500));
COMMIT;
"""


def _pgbench(subject: Subject) -> float:
    """Two inserts and a commit at 8 clients, prepared: what the database alone can do."""
    script = Path(subject.stack.folder) / "pgbench.sql"
    script.write_text(PGBENCH)
    url = subject.stack.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("bench_rows", "bench_outbox"):
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (id bigserial PRIMARY KEY, n bigint, body text)")
    command = [str(programs_for(None).postgres_folder / "pgbench"), "-n", "-M", "prepared", "-c", "8", "-j", "2"]
    done = subprocess.run(
        [*command, "-T", str(PGBENCH_SECONDS), "-f", str(script), url], capture_output=True, text=True, check=True
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


async def prepare(stack: Stack, region: Region) -> Subject:
    """A council with some vacancies, one of them live."""
    made = []
    for wanted in [each for each in posts(66) if not each.is_external][:24]:
        council = region.by_council[wanted.employer.code]
        body = vacancy_of(wanted)
        made.append((council, await council.system.post(Service.ATS, "/v1/vacancies", body, decider=council.manager)))
    council, first = made[0]
    for verb, who in (("submit", council.manager), ("approve", council.approver)):
        await council.system.post(Service.ATS, f"/v1/vacancies/{first['id']}/{verb}", decider=who)
    for _ in range(14):
        await region.admin.move_clock(advance="P1D")
        if (await region.observer.get(Service.ATS, f"/v1/vacancies/{first['id']}"))["state"] == "live":
            break
    return Subject(
        stack=stack,
        council=council,
        token=await council.system.token(Service.ATS),
        board_token=await region.board.token(Service.ATS),
        vacancy_id=first["id"],
        job_id=first["id"],
    )
