"""Reads the feeds that are due, a few at a time, beside a worker's other doings."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from services.ats.polled_feeds import queries
from services.ats.polled_feeds.closing import Ending, finish
from services.ats.polled_feeds.models import PolledFeed, ReadOutcome
from services.ats.polled_feeds.pulling import begin, claim_due_feed, pull
from services.ats.polled_feeds.reading import FeedNotRead
from shared.database import Sessions, transaction
from shared.error_reports import kind_of, place_of
from shared.outward import Reach
from shared.problems import as_problem
from shared.worker import WorkerContext

log = structlog.get_logger()

AT_ONCE = 4
GLANCE_SECONDS = 5.0


class ReadInterrupted(FeedNotRead):
    code = "read_interrupted"
    title = "Something went wrong here while the feed was read; what was done before stays done"


async def pull_feeds(context: WorkerContext) -> None:
    """A worker's background task: until cancelled. Several workers share the feeds between them."""
    reach = Reach.of(context.settings)
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_pull_on(context, reach))


async def _pull_on(context: WorkerContext, reach: Reach) -> None:
    while True:
        if not await pull_next(context.sessions, reach, now=context.clock.now()):
            await asyncio.sleep(GLANCE_SECONDS)


async def pull_next(sessions: Sessions, reach: Reach, *, now: datetime) -> bool:
    """Read the feed that is due longest. False when none is, or another reader has it."""
    feed = await claim_due_feed(sessions, now)
    if feed is None:
        return False
    try:
        await pull(sessions, feed, reach, now=now)
    except Exception as error:  # noqa: BLE001 - whatever it was, this feed waits and the others are read
        log.error("feed_read_failed", feed_id=str(feed.id), error=kind_of(error), place=place_of(error))
        await _put_off(sessions, feed, reach, now=now)
    return True


async def _put_off(sessions: Sessions, feed: PolledFeed, reach: Reach, *, now: datetime) -> None:
    under_way = await begin(sessions, feed, reach, now=now)
    async with transaction(sessions, under_way.sender.caller.tenancy) as session:
        held = await queries.get_feed(session, feed.id, lock=True)
        if held.claim == feed.claim:
            ending = Ending(ReadOutcome.FAILED, now, problem=as_problem(ReadInterrupted()))
            await finish(session, held, ending, under_way.sender, {})
