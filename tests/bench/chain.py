"""The whole chain on real processes: outbox commit, relay, queue, effect and answer; then approval to first mail."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from statistics import quantiles
from unittest.mock import patch
from uuid import uuid4

import psycopg

from shared import sealing
from shared.clock import SystemClock
from shared.database import create_engine, sessions_of, transaction
from shared.embedded.stack import Stack
from shared.events.applications import ApplicationRejected
from shared.events.ats import EmployerChanged, VacancyChanged
from shared.events.base import Contact
from shared.outbox import Telling, record_all
from shared.reference.employers import employer_id
from shared.settings import Settings
from shared.tenancy import REGION
from shared.vocabulary import ContractKind, Management, Service, VacancyState
from tests.bench.report import Figure, at_least, at_most, middle
from tests.journeys.campaign import Campaign
from tests.journeys.posts_and_people import people, posts
from tests.journeys.recruitment import Recruitment
from tests.journeys.redeployment import Redeployment
from tests.journeys.region import Region, in_parallel

ROUNDS = 3
BURST = 1500
PACED = 100
PACE_SECONDS = 0.11
DISPLACED = 198
APPROVALS = 40
# The posts and people are the same every time: fewer matches, and a delay was measured of other approvals.
MATCHED_AT_LEAST = 10
# What a mail that never comes is counted as.
MAIL_SECONDS = 30.0
ALL_ANSWERED_SECONDS = 180.0

# The effect and its inbox row are committed in one transaction; the answer is written after that. Both subscribers of
# an event are waited for, by the slower one. All instants are the database's own clock.
OPEN_LETTERS = """
SELECT count(*) FROM ats.outbox o JOIN ats.events e ON e.id = o.event_id
WHERE e.recorded_at >= %s AND o.acknowledged_at IS NULL"""
SECONDS_TO_ANSWERS = """
SELECT extract(epoch FROM max(o.acknowledged_at) - min(e.recorded_at))::float8
FROM ats.outbox o JOIN ats.events e ON e.id = o.event_id WHERE e.recorded_at >= %s"""
DELAYS = """
SELECT extract(epoch FROM max(o.acknowledged_at) - e.recorded_at)::float8 * 1000
FROM ats.outbox o JOIN ats.events e ON e.id = o.event_id
WHERE e.recorded_at >= %s AND e.name = ANY(%s) GROUP BY e.id"""
MATCHED = "SELECT matched FROM clearing.windows WHERE vacancy_id = %s"

Tellings = Callable[[int], list[Telling]]


async def measure_events(stack: Stack) -> list[Figure]:
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as watcher:
        chain = Chain(stack, watcher)
        groups = [await chain.burst(copies_of_the_registry) for _ in range(ROUNDS)]
        mixed = [await chain.burst(a_mix) for _ in range(ROUNDS)]
        paced = [await chain.one_by_one(a_mix) for _ in range(ROUNDS)]
        await chain.close()
    return [
        at_least("event chain, burst of registry facts, both answered", middle(groups), 200, " events/s"),
        Figure("event chain, burst of mixed facts, all answered", f"{middle(mixed):.3g} events/s", "", None),
        at_most("idle: commit to the last answer recorded, p95", middle(paced), 100, " ms"),
    ]


class Chain:
    """Tells events at ats, as a command would, and waits for the answers of all their subscribers."""

    def __init__(self, stack: Stack, watcher: psycopg.Connection) -> None:
        with patch.dict(os.environ, stack.environment, clear=True):
            sealing.install(Settings.from_environment(Service.ATS))
        self._engine = create_engine(stack.environment["ATS_DATABASE_URL"], schema="ats")
        self._watcher = watcher

    async def close(self) -> None:
        await self._engine.dispose()

    async def burst(self, tellings: Tellings) -> float:
        """Events per second, from the commit of BURST events to the last answer."""
        since = self._now()
        await self._tell(tellings(BURST))
        await self._all_answered(since)
        return BURST / self._one(SECONDS_TO_ANSWERS, since)

    async def one_by_one(self, tellings: Tellings) -> float:
        """Milliseconds to the last answer, for 95 of 100 events told to an idle system."""
        since = self._now()
        told = tellings(PACED)
        for each in told:
            await self._tell([each])
            await asyncio.sleep(PACE_SECONDS)
        await self._all_answered(since)
        names = sorted({each.event.name for each in told})
        rows = self._watcher.execute(DELAYS, (since, names)).fetchall()
        assert len(rows) == PACED, "events of others came in between, or some were lost"
        return quantiles([row[0] for row in rows], n=20)[18]

    async def _tell(self, tellings: list[Telling]) -> None:
        async with transaction(sessions_of(self._engine), REGION) as session:
            await record_all(session, tellings, now=SystemClock().now())

    async def _all_answered(self, since: object) -> None:
        until = time.monotonic() + ALL_ANSWERED_SECONDS
        while self._one(OPEN_LETTERS, since):
            if time.monotonic() > until:
                raise TimeoutError("some letters were not answered in time")
            await asyncio.sleep(0.1)

    def _now(self) -> object:
        return self._one("SELECT clock_timestamp()")

    def _one(self, query: str, *values: object) -> float:
        row = self._watcher.execute(query.encode(), values).fetchone()
        assert row is not None
        return row[0]


def copies_of_the_registry(count: int) -> list[Telling]:
    """Of employers that nobody refers to. Their letters are done in groups."""
    return [Telling(_employer()) for _ in range(count)]


def a_mix(count: int) -> list[Telling]:
    """What a day tells: copies of the registry, vacancies (a window's rules, one by one), and mails."""
    kinds = (lambda: Telling(_employer()), lambda: Telling(_vacancy()), _rejection)
    return [kinds[number % len(kinds)]() for number in range(count)]


def _employer() -> EmployerChanged:
    mark = uuid4()
    return EmployerChanged(
        employer_id=mark,
        version=1,
        code=f"X{mark.hex[:8]}",
        title="Bench",
        employer_kind="council",
        valid_from=SystemClock().now().date(),
    )


def _vacancy() -> VacancyChanged:
    return VacancyChanged(
        vacancy_id=uuid4(),
        version=1,
        content_version=1,
        employer_id=employer_id("SAW"),
        reference="SAW-2026-99999",
        title="Bench",
        state=VacancyState.LIVE,
        management=Management.HOSTED,
        hours_per_week="37",
        contract=ContractKind.PERMANENT,
        outcode="B70",
        openings=1,
        openings_remaining=1,
    )


def _rejection() -> Telling:
    event = ApplicationRejected(
        application_id=uuid4(),
        vacancy_id=uuid4(),
        employer_id=employer_id("SAW"),
        vacancy_title="Bench",
        after_interview=False,
    )
    return Telling(event, {Service.NOTIFICATIONS: Contact(name="Bench", email=f"{uuid4().hex}@bench.example")})


async def measure_first_mail(stack: Stack, region: Region) -> list[Figure]:
    """From sending the approval of a vacancy that matches somebody to the mail catcher's file, one at a time."""
    redeployment, recruitment = Redeployment(region), Recruitment(region)
    await in_parallel(redeployment.register, people(DISPLACED))
    await region.admin.move_clock(advance="PT1M")
    delays, missing = [], 0
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as watcher:
        for post in posts(400)[200 : 200 + APPROVALS]:
            region.postbox.collect()
            campaign, asked_at = await recruitment.approve(post)
            if not await _matched(watcher, campaign):
                continue
            mail = await region.postbox.wait_for(post.role.title, to="@people.example", within_seconds=MAIL_SECONDS)
            missing += mail is None
            delays.append(MAIL_SECONDS * 1000 if mail is None else (mail.arrived_at - asked_at) * 1000)
    assert len(delays) >= MATCHED_AT_LEAST, f"{len(delays)} approvals matched somebody, not {MATCHED_AT_LEAST}"
    return [
        Figure(f"approvals that matched somebody, of {APPROVALS}", str(len(delays)), "", None),
        at_most("of those, without a mail in 30 s", missing, 0),
        Figure("approval to first match mail at SMTP, p50", f"{middle(delays):.0f} ms", "", None),
        at_most("approval to first match mail at SMTP, p95", quantiles(delays, n=20)[18], 1000, " ms"),
    ]


async def _matched(watcher: psycopg.Connection, campaign: Campaign) -> bool:
    """Whether the vacancy's window opened with a match, as the database has it."""
    until = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < until:
        row = watcher.execute(MATCHED, (campaign.vacancy_id,)).fetchone()
        if row is not None:
            return row[0] > 0
        await asyncio.sleep(0.005)
    raise TimeoutError("no window opened for an approved vacancy")
