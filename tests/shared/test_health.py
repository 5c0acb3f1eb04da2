"""Alive, ready, and measured: also while the database is away, and never with a role that sees too much."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import delete
from sqlalchemy.engine import make_url

from shared.database import create_engine, sessions_of, transaction
from shared.database_role import UnsafeDatabaseRole, refuse_unsafe_connections, refuse_unsafe_role
from shared.embedded.folders import throwaway_folder
from shared.embedded.postgres import PostgresServer
from shared.provision import database_urls, provision
from shared.registry import verification_keys
from shared.tenancy import NOBODY, REGION
from shared.vocabulary import Service
from tests.shared.processes import breaking_process


@pytest.fixture
def own_postgres(parts) -> Iterator[PostgresServer]:
    """A database server that may be stopped: it is nobody else's. It has roles and no tables."""
    with throwaway_folder() as folder, PostgresServer(folder, settings={"fsync": "off"}) as server:
        provision(server.url, parts.secrets)
        yield server


async def test_a_process_that_lives_says_so_without_looking_at_anything(ats: httpx.AsyncClient) -> None:
    assert (await ats.get("/healthz")).json() == {"status": "alive", "service": "ats"}


async def test_a_service_is_ready_when_it_has_its_database_and_a_key(world, clearing: httpx.AsyncClient) -> None:
    ready = await clearing.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    async with transaction(world.sessions[Service.CLEARING], REGION) as session:
        await session.execute(delete(verification_keys))
    waiting = await clearing.get("/readyz")
    assert (waiting.status_code, waiting.json()["checks"]["database"]) == (503, "ready")
    assert "waiting" in waiting.json()["checks"]["signing_key"]


async def test_metrics_count_requests_by_their_route_and_never_by_their_address(ats: httpx.AsyncClient) -> None:
    await ats.get("/v1/jobs/0d9d32a7-934a-4742-aa26-eb6a3e3ba9b3")
    await ats.get("/amy.pond@people.example")
    found = (await ats.get("/metrics")).text
    assert 'http_request_seconds_count{method="GET",route="/v1/jobs/{job_id}",status="404"}' in found
    assert 'route="unmatched"' in found
    assert "0d9d32a7" not in found
    assert "amy" not in found
    for gauge in ("events_oldest_unanswered_seconds", "events_unanswered", "events_dead_letters"):
        assert f"\n{gauge} " in found


async def test_a_service_outlives_its_database(parts, own_postgres: PostgresServer) -> None:
    """Started without it, it says so; it serves when it is there, and says so again when it has gone."""
    urls = database_urls(own_postgres.url, parts.secrets)
    own_postgres.stop()
    async with breaking_process({**parts.environment(), **urls}) as process:
        away = await process.get("/readyz")
        assert (away.status_code, away.json()["checks"]["database"]) == (503, "away (OperationalError)")
        asked = await process.get("/v1/breaking/row")
        assert (asked.status_code, asked.json()["code"]) == (503, "try_again")
        own_postgres.start()
        # The server has no tables of ours: that it is asked at all shows that the connection is there.
        await process.until("/v1/breaking/too-large-a-number?number=1", 200)
        own_postgres.restart()
        await process.until("/v1/breaking/too-large-a-number?number=1", 200)


async def test_a_role_that_sees_too_much_is_refused_whenever_the_database_comes(
    parts, own_postgres: PostgresServer
) -> None:
    own_postgres.stop()
    unsafe = {**parts.environment(), "ATS_DATABASE_URL": own_postgres.url}
    async with breaking_process(unsafe) as process:
        own_postgres.start()
        answer = await process.until("/v1/breaking/too-large-a-number?number=1", 500)
        assert answer.json()["code"] == "unexpected"
        ready = await process.get("/readyz")
        assert (ready.status_code, "refused" in ready.json()["checks"]["database"]) == (503, True)
        assert "UnsafeDatabaseRole" in process.output()


@pytest.mark.parametrize("role", ["superuser", "owner", "app"])
async def test_only_the_app_role_is_let_in(parts, role: str) -> None:
    environment = parts.environment()
    urls = {
        "superuser": make_url(parts.postgres.database_url(parts.template)).render_as_string(hide_password=False),
        "owner": environment["ATS_OWNER_DATABASE_URL"],
        "app": environment["ATS_DATABASE_URL"],
    }
    at_start = create_engine(urls[role], schema="ats", pool_size=1)
    later = create_engine(urls[role], schema="ats", pool_size=1)
    refuse_unsafe_connections(later)
    try:
        if role == "app":
            await refuse_unsafe_role(at_start)
            async with transaction(sessions_of(later), NOBODY):
                pass
        else:
            with pytest.raises(UnsafeDatabaseRole):
                await refuse_unsafe_role(at_start)
            with pytest.raises(UnsafeDatabaseRole):
                async with transaction(sessions_of(later), NOBODY):
                    pass
    finally:
        await at_start.dispose()
        await later.dispose()
