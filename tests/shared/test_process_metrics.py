"""A worker and a relay show their figures too: what waits, and since when."""

from __future__ import annotations

import re

import httpx
import pytest
from structlog.testing import capture_logs

from shared import outbox
from shared.database import Sessions, transaction
from shared.embedded.ports import free_port
from shared.process_metrics import PORTS_BESIDE, Part, measure, serve_metrics
from shared.queue import Job, Queue
from shared.settings import Settings
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.factories.events import NOON, opening_reserved


def settings_of(mechanism, **changes) -> Settings:
    return mechanism.settings(Service.ATS).model_copy(update=changes)


async def scraped(port: int) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}/metrics")).text


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_what_waits_and_since_when_can_be_scraped(mechanism, told: Sessions, queue: Queue) -> None:
    port = free_port()
    serve_metrics(settings_of(mechanism, metrics_port=port), Part.WORKER)
    await measure(Service.ATS, told, queue)
    text = await scraped(port)
    assert figure(text, 'queue_jobs{service="ats"}') == 0
    assert figure(text, 'queue_oldest_job_seconds{service="ats"}') == 0
    async with transaction(told, REGION) as session:
        await outbox.record(session, opening_reserved(), now=NOON)
    await queue.publish([Job(Service.ATS, "nothing", {}), Job(Service.ATS, "nothing", {})])
    await measure(Service.ATS, told, queue)
    text = await scraped(port)
    assert figure(text, 'queue_jobs{service="ats"}') == 2
    assert figure(text, 'queue_oldest_job_seconds{service="ats"}') > 0
    assert figure(text, "events_unanswered") >= 1
    assert figure(text, "events_oldest_unanswered_seconds") > 0


async def test_a_port_that_is_taken_stops_no_worker(mechanism) -> None:
    port = free_port()
    taken = settings_of(mechanism, metrics_port=port)
    with capture_logs() as logs:
        serve_metrics(taken, Part.WORKER)
        serve_metrics(taken, Part.RELAY)
    assert [each["event"] for each in logs] == ["metrics_not_served"]


async def test_figures_are_left_out_when_nobody_wants_them(mechanism) -> None:
    beside = free_port()
    none = settings_of(mechanism, metrics_port=0, port=beside - PORTS_BESIDE[Part.RELAY])
    serve_metrics(none, Part.RELAY)
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{beside}/metrics")
