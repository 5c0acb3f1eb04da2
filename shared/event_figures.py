"""How the event mechanism is doing: counters of this process, and figures read from the tables.

A process's counters start at nought with it; the tables' figures survive everything, so alarms look at those. What
tells health is progress (the age of the oldest unanswered letter), not that a process is alive.
"""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import Counter, Gauge
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.due_rows import count_held_back
from shared.inbox import inbox
from shared.outbox import events, outbox

SENT = Counter("events_sent_total", "Letters put into the queue for the first time", ["subscriber"])
REPUBLISHED = Counter("events_republished_total", "Letters put into the queue again", ["subscriber"])
ACKNOWLEDGED = Counter("events_acknowledged_total", "Letters answered by their subscriber", ["subscriber"])
DEAD = Counter("events_dead_total", "Letters refused for good by their subscriber", ["subscriber"])
PROCESSED = Counter("events_processed_total", "Events whose effect was committed here", ["name"])
DUPLICATES = Counter("events_duplicate_total", "Deliveries of what was processed or running already", ["name"])
PARKED = Counter("events_parked_total", "Deliveries that came before what they build on", ["name"])
FAILED = Counter("events_failed_total", "Starts that ended in an error", ["name"])
FORGED = Counter("events_forged_total", "Jobs dropped because their signature was missing or wrong")
OLDEST_UNANSWERED = Gauge("events_oldest_unanswered_seconds", "Age of the oldest letter still without an answer")
UNANSWERED = Gauge("events_unanswered", "Letters without an answer")
DUE_ROWS_HELD_BACK = Gauge("due_rows_held_back", "Rows whose due work failed and waits to be tried again")
DEAD_LETTERS = Gauge("events_dead_letters", "Letters refused for good and not redriven")


@dataclass(frozen=True, slots=True)
class EventFigures:
    """Counts over what the outbox still holds: answered letters are pruned after 14 days."""

    recorded: int
    letters: int
    sent: int
    republished: int
    acknowledged: int
    unanswered: int
    dead: int
    oldest_unanswered_seconds: float
    received: int
    processed: int
    duplicates: int
    parked: int


async def event_figures(session: AsyncSession) -> EventFigures:
    """Read this service's figures (region). A few scans: for demonstrations, tests and reports."""
    is_open = outbox.c.acknowledged_at.is_(None) & outbox.c.dead_at.is_(None)
    resent = func.greatest(outbox.c.attempts - 1, 0)
    age = func.clock_timestamp() - func.min(events.c.recorded_at).filter(is_open)
    told = await session.execute(
        select(
            func.count().label("letters"),
            func.count().filter(outbox.c.sent_at.is_not(None)).label("sent"),
            func.coalesce(func.sum(resent), 0).label("republished"),
            func.count(outbox.c.acknowledged_at).label("acknowledged"),
            func.count().filter(is_open).label("unanswered"),
            func.count(outbox.c.dead_at).label("dead"),
            func.coalesce(func.extract("epoch", age), 0.0).label("oldest"),
        ).select_from(outbox.join(events))
    )
    heard = await session.execute(
        select(
            func.count().label("received"),
            func.count(inbox.c.processed_at).label("processed"),
            func.coalesce(func.sum(inbox.c.duplicates), 0).label("duplicates"),
            func.count(inbox.c.parked_reason).label("parked"),
        )
    )
    letters, arrivals = told.one(), heard.one()
    return EventFigures(
        recorded=await session.scalar(select(func.count()).select_from(events)) or 0,
        letters=letters.letters,
        sent=letters.sent,
        republished=letters.republished,
        acknowledged=letters.acknowledged,
        unanswered=letters.unanswered,
        dead=letters.dead,
        oldest_unanswered_seconds=float(letters.oldest),
        received=arrivals.received,
        processed=arrivals.processed,
        duplicates=arrivals.duplicates,
        parked=arrivals.parked,
    )


async def refresh_gauges(session: AsyncSession) -> None:
    """Bring the gauges up to date before they are scraped. Reads only partial indexes: cheap at any size."""
    is_open = outbox.c.acknowledged_at.is_(None) & outbox.c.dead_at.is_(None)
    waits = outbox.c.attempts == 0, outbox.c.attempts > 0
    unanswered, oldest = 0, 0.0
    for wait in waits:
        age = func.extract("epoch", func.clock_timestamp() - func.min(events.c.recorded_at))
        row = (
            await session.execute(
                select(func.count(), func.coalesce(age, 0.0)).select_from(outbox.join(events)).where(wait, is_open)
            )
        ).one()
        unanswered, oldest = unanswered + row[0], max(oldest, float(row[1]))
    DUE_ROWS_HELD_BACK.set(await count_held_back(session))
    UNANSWERED.set(unanswered)
    OLDEST_UNANSWERED.set(oldest)
    DEAD_LETTERS.set(
        await session.scalar(select(func.count()).select_from(outbox).where(text("dead_at IS NOT NULL"))) or 0
    )
