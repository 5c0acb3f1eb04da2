"""The whole chain on real processes: outbox commit, relay, queue, effect and answer; then approval to first mail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles
from uuid import uuid4

import psycopg

from shared.clock import SystemClock
from shared.database import create_engine, sessions_of, transaction
from shared.embedded.stack import Stack
from shared.events.ats import EmployerChanged
from shared.outbox import record
from shared.tenancy import REGION
from tests.bench.report import Figure, at_least, at_most, middle
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

# Both instants are the database's own clock. The effect is committed a moment after it is claimed, the answer comes
# after that: the two enclose it.
DELAYS = """
SELECT extract(epoch FROM i.processed_at - e.recorded_at) * 1000,
       extract(epoch FROM o.acknowledged_at - e.recorded_at) * 1000
FROM ats.events e JOIN clearing.inbox i ON i.event_id = e.id
JOIN ats.outbox o ON o.event_id = e.id AND o.subscriber = 'clearing'
WHERE e.id = ANY(%s)"""
LAST_EFFECT = """
SELECT count(*), extract(epoch FROM max(i.processed_at) - min(e.recorded_at))
FROM ats.events e JOIN clearing.inbox i ON i.event_id = e.id WHERE e.id = ANY(%s) AND i.processed_at IS NOT NULL"""


async def measure_events(stack: Stack) -> list[Figure]:
    engine = create_engine(stack.environment["ATS_DATABASE_URL"], schema="ats")
    sessions = sessions_of(engine)

    async def tell(count: int) -> list[str]:
        async with transaction(sessions, REGION) as session:
            return [str(await record(session, _event(), now=SystemClock().now())) for _ in range(count)]

    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as watcher:
        rates = [await _burst(watcher, tell) for _ in range(ROUNDS)]
        paced: list[str] = []
        for _ in range(PACED):
            paced += await tell(1)
            await asyncio.sleep(PACE_SECONDS)
        await asyncio.sleep(2)
        rows = watcher.execute(DELAYS, (paced,)).fetchall()
    await engine.dispose()
    effects, answers = [float(row[0]) for row in rows], [float(row[1]) for row in rows if row[1] is not None]
    return [
        at_least("event chain, burst of 1,500 to two subscribers", middle(rates), 200, " events/s"),
        at_most("idle: commit to effect claimed, p95", quantiles(effects, n=20)[18], 100, " ms"),
        Figure("idle: commit to answer recorded, p95", f"{quantiles(answers, n=20)[18]:.3g} ms", "", None),
    ]


def _event() -> EmployerChanged:
    """A state event of an employer that nobody refers to: its effect is one row in each copy of the registry."""
    mark = uuid4()
    return EmployerChanged(
        employer_id=mark,
        version=1,
        code=f"X{mark.hex[:8]}",
        title="Bench",
        employer_kind="council",
        valid_from=SystemClock().now().date(),
    )


async def _burst(watcher: psycopg.Connection, tell: Callable[[int], Awaitable[list[str]]]) -> float:
    told = await tell(BURST)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        row = watcher.execute(LAST_EFFECT, (told,)).fetchone()
        assert row is not None
        if row[0] == BURST:
            return BURST / float(row[1])
        await asyncio.sleep(0.2)
    raise TimeoutError("the burst did not come to an end in two minutes")


async def measure_first_mail(region: Region) -> list[Figure]:
    """From sending the approval of a vacancy that matches somebody to the mail catcher's file, one at a time."""
    redeployment, recruitment = Redeployment(region), Recruitment(region)
    await in_parallel(redeployment.register, people(DISPLACED))
    await region.admin.move_clock(advance="PT1M")
    delays = []
    for post in posts(400)[200 : 200 + APPROVALS]:
        region.postbox.collect()
        _, asked_at = await recruitment.approve(post)
        mail = await region.postbox.wait_for(post.role.title, to="@people.example", within_seconds=2)
        if mail is not None:
            delays.append((mail.arrived_at - asked_at) * 1000)
    return [
        Figure("approvals that matched somebody, of 40", str(len(delays)), "", None),
        Figure("approval to first match mail at SMTP, p50", f"{middle(delays):.0f} ms", "", None),
        at_most("approval to first match mail at SMTP, p95", quantiles(delays, n=20)[18], 1000, " ms"),
    ]
