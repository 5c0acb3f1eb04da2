"""The real `ats` API killed while people apply: a request whose outcome is unknown, sent again with its key, is one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import psycopg
import pytest

from shared.embedded.stack import Stack, private_stack
from shared.vocabulary import Service
from tests.bench.http import Subject, prepare
from tests.faults.conftest import IS_FULL
from tests.journeys.region import Region

pytestmark = [pytest.mark.faults, pytest.mark.skipif(not IS_FULL, reason="long form")]

APPLICATIONS = 400
AT_ONCE = 8
KILLS = 4
KILLED_AFTER = APPLICATIONS // (KILLS + 1)
LONGEST_SECONDS = 120.0
API = "ats-api"


@dataclass
class Applying:
    """Candidates who try until they have an answer, each with one key."""

    subject: Subject
    http: httpx.AsyncClient
    answers: dict[str, str] = field(default_factory=dict)
    unknown: int = 0
    replayed: int = 0

    async def apply(self, number: int) -> None:
        email = f"candidate{number}@candidates.example"
        headers = {"Authorization": f"Bearer {self.subject.board_token}", "Idempotency-Key": uuid4().hex}
        body = {
            "name": "Fault Candidate",
            "email": email,
            "answers": [{"criterion_id": "E1", "answer": "I have done this work."}],
            "supporting_statement": "A statement.",
        }
        address = f"{self.subject.stack.base_url('ats')}/v1/jobs/{self.subject.job_id}/applications"
        async with asyncio.timeout(LONGEST_SECONDS):
            while email not in self.answers:
                try:
                    answer = await self.http.post(address, json=body, headers=headers)
                except httpx.TransportError as error:
                    # Nobody was there to take it: that outcome is known.
                    self.unknown += not isinstance(error, httpx.ConnectError)
                    await asyncio.sleep(0.2)
                    continue
                # The twin that the kill cut off may hold its key a moment longer.
                if answer.status_code in {409, 503}:
                    await asyncio.sleep(0.2)
                    continue
                assert answer.status_code == 201, answer.text
                self.replayed += "Idempotency-Replayed" in answer.headers
                self.answers[email] = answer.json()["id"]


async def _kill_under_load(stack: Stack, applying: Applying) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            await applying.apply(number)

    async def kill() -> None:
        for time in range(1, KILLS + 1):
            while len(applying.answers) < time * KILLED_AFTER:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(stack.kill, API)
            await asyncio.to_thread(stack.wait_until_ready, API)

    await asyncio.gather(kill(), *(one(number) for number in range(APPLICATIONS)))


async def _journey(stack: Stack) -> Applying:
    region = await Region.prepare(stack)
    try:
        subject = await prepare(stack, region)
        async with httpx.AsyncClient(timeout=10) as http:
            applying = Applying(subject, http)
            await _kill_under_load(stack, applying)
        await region.admin.move_clock(advance="PT1M")
        mails = region.postbox.collect()
    finally:
        await region.http.aclose()
        await region.admin.http.aclose()
    told = [mail.to for mail in mails if mail.to.endswith("@candidates.example")]
    assert sorted(told) == sorted(applying.answers), "everyone is told once that the application has come"
    return applying


def test_an_api_killed_while_people_apply_loses_and_doubles_nothing() -> None:
    with private_stack(demonstration=False, overrides={"RATE_LIMIT_PER_MINUTE": "1000000"}) as stack:
        applying = asyncio.run(_journey(stack))
        with psycopg.connect(stack.environment["DATABASE_URL"]) as connection:
            stored = connection.execute("SELECT id::text FROM ats.applications").fetchall()
            received = connection.execute(
                "SELECT count(*), count(DISTINCT aggregate_id) FROM ats.events WHERE name = %s",
                (f"{Service.ATS}.application_received.v1",),
            ).fetchone()
    assert sorted(row[0] for row in stored) == sorted(applying.answers.values())
    assert received == (APPLICATIONS, APPLICATIONS)
    assert applying.unknown > 0, "the fault was none: no request was cut off"
    print(f"\n{applying.unknown} outcomes unknown, {applying.replayed} of them had been stored and were replayed")
