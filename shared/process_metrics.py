"""The figures of a worker or a relay over HTTP, as an API shows its own, and how its queue is doing.

What tells health is progress: the age of the oldest unanswered letter and of the oldest job, not that a process lives.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum

import structlog
from prometheus_client import Gauge, start_http_server
from sqlalchemy.exc import SQLAlchemyError

from shared.database import Sessions, transaction
from shared.error_reports import kind_of
from shared.event_figures import refresh_gauges
from shared.queue import AWAY, Queue
from shared.settings import Settings
from shared.tenancy import REGION
from shared.vocabulary import Service

log = structlog.get_logger()

MEASURE_SECONDS = 5.0
QUEUED = Gauge("queue_jobs", "Jobs of this service that wait or run", ["service"])
OLDEST_QUEUED = Gauge("queue_oldest_job_seconds", "Age of the oldest job of this service", ["service"])


class Part(StrEnum):
    WORKER = "worker"
    RELAY = "relay"


# Beside the port of the service's API: 8101 is the worker of ats, 8201 its relay.
PORTS_BESIDE = {Part.WORKER: 100, Part.RELAY: 200}


def serve_metrics(settings: Settings, part: Part) -> None:
    """Serve `/metrics` from a thread, on the address that the API binds to; `METRICS_PORT=0` leaves it out.

    Several workers may run on one machine, and one port is one process's: the others work without.
    """
    port = settings.port + PORTS_BESIDE[part] if settings.metrics_port is None else settings.metrics_port
    if port == 0:
        return
    try:
        start_http_server(port, addr=settings.bind_host)
    except (OSError, OverflowError) as error:
        log.warning("metrics_not_served", port=port, error=type(error).__name__)


async def keep_measuring(service: Service, sessions: Sessions, queue: Queue) -> None:
    """Bring the gauges up to date every five seconds, until cancelled."""
    while True:
        await measure(service, sessions, queue)
        await asyncio.sleep(MEASURE_SECONDS)


async def measure(service: Service, sessions: Sessions, queue: Queue) -> None:
    """Read the gauges once. What cannot be read keeps its last value: /readyz says what is away."""
    try:
        async with transaction(sessions, REGION) as session:
            await refresh_gauges(session)
        (jobs,) = await queue.backlogs([service])
        QUEUED.labels(service).set(jobs)
        OLDEST_QUEUED.labels(service).set(await queue.oldest_seconds(service))
    except (SQLAlchemyError, *AWAY) as error:
        log.warning("gauges_not_refreshed", error=kind_of(error))
