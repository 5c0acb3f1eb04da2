"""The processes behind an API: a worker that handles events and due work, and a relay that sends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog
import uvloop
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import addresses, sealing
from shared.acknowledging import AnswerBook, prune_outbox
from shared.answering import Answering
from shared.app import clock_for
from shared.clock import Clock
from shared.consumer import Consumer, Desk, Handler
from shared.database import Sessions, create_engine, sessions_of
from shared.database_role import refuse_unsafe_role
from shared.due_rows import forget_failures
from shared.envelope import ACKNOWLEDGE, DELIVER
from shared.error_reports import kind_of, place_of
from shared.events.base import Event
from shared.idempotency import forget_old_keys
from shared.inbox import prune_inbox
from shared.interruption import end
from shared.logging import configure_logging
from shared.process_metrics import Part, keep_measuring, serve_metrics
from shared.queue import MAX_JOBS, Queue
from shared.relay import Relay
from shared.settings import Settings
from shared.ticker import DueCommand, Ticker, name_of
from shared.transience import is_transient
from shared.vocabulary import Service
from shared.watchdog import Watchdog

log = structlog.get_logger()

RESTART_SECONDS = 1.0
# On a machine that they share somebody waits for the answer of an API, and nobody for the very moment of a letter.
GIVES_WAY = 5


@dataclass(frozen=True)
class WorkerContext:
    """What a background task of a worker works with."""

    settings: Settings
    sessions: Sessions
    clock: Clock


Background = Callable[[WorkerContext], Awaitable[None]]
"""Runs beside the handlers until it is cancelled; it is begun again a second after it failed."""


@dataclass(frozen=True, kw_only=True)
class ServiceWorker:
    """What one service adds to the common worker."""

    service: Service
    handlers: Mapping[type[Event], Handler]
    due: Sequence[DueCommand] = ()
    background: Sequence[Background] = ()


def serve_worker(described: ServiceWorker) -> None:
    """Run one worker process until it is told to stop."""
    settings = Settings.from_environment(described.service)
    configure_logging(settings.service)
    os.nice(GIVES_WAY)
    serve_metrics(settings, Part.WORKER)
    uvloop.run(run_worker(described, settings))


def serve_relay(service: Service) -> None:
    """Run one relay process until it is told to stop."""
    settings = Settings.from_environment(service)
    configure_logging(settings.service)
    os.nice(GIVES_WAY)
    serve_metrics(settings, Part.RELAY)
    uvloop.run(run_relay(settings))


async def run_relay(settings: Settings) -> None:
    stopping = _stopping()
    queue = Queue(settings.redis_url, keep_seconds=settings.queue_keep_seconds)
    relay = Relay(
        settings.service,
        settings.direct_database_url,
        queue,
        sealing.install(settings),
        resend_seconds=settings.resend_seconds,
    )
    log.info("relay_started")
    try:
        await relay.run(stopping)
    finally:
        await queue.close()


async def run_worker(described: ServiceWorker, settings: Settings) -> None:
    """Handle events, take answers, tick, and run what runs in the background."""
    stopping = _stopping()
    keys = sealing.install(settings)
    addresses.install(settings)
    async with AsyncExitStack() as stack:
        engine = create_engine(
            settings.database_url,
            schema=settings.service,
            # With the overflow of as many again: a connection for every job, the tick and what runs beside them.
            pool_size=max(settings.pool_size, MAX_JOBS // 2 + 3),
            prepare_threshold=5 if settings.prepare_statements else None,
        )
        stack.push_async_callback(engine.dispose)
        await _until_database(engine, stopping)
        queue = Queue(settings.redis_url, keep_seconds=settings.queue_keep_seconds)
        stack.push_async_callback(queue.close)
        context = WorkerContext(settings, sessions_of(engine), clock_for(settings))
        answering = Answering(settings.service, queue, keys)
        stack.push_async_callback(answering.close)
        desk = Desk(settings.service, described.handlers, context.sessions, context.clock, keys)
        ticker = Ticker(
            settings.service,
            context.sessions,
            context.clock,
            (*described.due, prune_outbox, prune_inbox, forget_failures, forget_old_keys),
        )
        beside = [
            Watchdog().run(),
            ticker.run(),
            keep_measuring(settings.service, context.sessions, queue),
            *(_kept_alive(each, context) for each in described.background),
        ]
        functions = {
            DELIVER: Consumer(desk, queue, answering).deliver,
            ACKNOWLEDGE: AnswerBook(settings.service, context.sessions, keys).take,
        }
        log.info("worker_started")
        await _beside(queue.consume(settings.service, functions, stopping), beside)


async def _beside(main: Coroutine[Any, Any, None], others: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run `main` to its end with `others` beside it. One of them that fails ends all: a supervisor begins anew."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in others]
        try:
            await main
        finally:
            await end(tasks)


async def _kept_alive(background: Background, context: WorkerContext) -> None:
    while True:
        try:
            await background(context)
        except Exception as error:  # noqa: BLE001 - one that fails is begun again, whatever it was
            log.error("background_failed", task=name_of(background), error=kind_of(error), place=place_of(error))
        await asyncio.sleep(RESTART_SECONDS)


async def _until_database(engine: AsyncEngine, stopping: asyncio.Event) -> None:
    """The database may come up after us: wait for it rather than die. Raises UnsafeDatabaseRole."""
    while not stopping.is_set():
        try:
            await refuse_unsafe_role(engine)
        except DBAPIError as error:
            if not is_transient(error):
                raise
            log.warning("database_away", error=type(error).__name__)
            await asyncio.sleep(RESTART_SECONDS)
        else:
            return


def _stopping() -> asyncio.Event:
    """Set by SIGTERM and SIGINT: what runs is brought to its end first."""
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    return stopping
