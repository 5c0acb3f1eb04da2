"""What one request set off can be followed by its correlation id through the queue into another service."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from shared.database import transaction
from shared.outbox import events
from shared.tenancy import REGION
from shared.vocabulary import Scope, Service
from tests.factories.ats import vacancy_body

ROOT = Path(__file__).parents[2]
FOLLOWED = "council-17"
PATIENCE_SECONDS = 60


async def set_off_by(live, service: Service, correlation_id: str) -> set[str]:
    async with transaction(live.sessions[service], REGION) as session:
        return set(await session.scalars(select(events.c.name).where(events.c.correlation_id == correlation_id)))


@asynccontextmanager
async def processes(live, *modules: str) -> AsyncGenerator[None]:
    env = {**os.environ, **live.parts.environment(live.database), "METRICS_PORT": "0", "PYTHONPATH": str(ROOT)}
    quiet = asyncio.subprocess.DEVNULL
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", each, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
        for each in modules
    ]
    try:
        yield
    finally:
        for each in started:
            each.terminate()
        await asyncio.gather(*(each.wait() for each in started))


async def test_a_request_is_followed_from_the_api_of_one_service_to_the_events_of_another(live) -> None:
    caller = live.signer.bearer(Scope.VACANCIES_WRITE, Scope.VACANCIES_ATTEST, employers=("SAW",))
    approved_at = (live.clock.now() - timedelta(days=3)).isoformat()
    attested = {"approved_at": approved_at, "approved_by": "Head of Housing", "reference": "WF-88213"}
    async with live.client(Service.ATS) as client:
        made = await client.post("/v1/vacancies", json=vacancy_body(), headers=caller)
        followed = caller | {"X-Correlation-ID": FOLLOWED}
        approved = await client.post(f"{made.headers['location']}/attest-approval", json=attested, headers=followed)
    assert approved.json()["state"] == "in_clearing"
    assert await set_off_by(live, Service.ATS, FOLLOWED)
    assert await set_off_by(live, Service.CLEARING, FOLLOWED) == set()
    async with processes(live, "services.ats.relay", "services.clearing.worker"), asyncio.timeout(PATIENCE_SECONDS):
        while not (heard := await set_off_by(live, Service.CLEARING, FOLLOWED)):
            await asyncio.sleep(0.1)
    assert all(name.startswith("clearing.") for name in heard)
