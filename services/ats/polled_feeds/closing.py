"""The end of a read: what it noted and unpublished, its report, and when the feed is read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.polled_feeds.models import FeedItem, FeedRun, PolledFeed, ReadOutcome
from services.ats.polled_feeds.queries import Known
from services.ats.polled_feeds.rules import FAILURES_UNTIL_SEEN, Absence, Absences, pause_after
from services.ats.polled_feeds.writing import unpublish
from services.ats.vacancy_uploads.writing import Sender

log = structlog.get_logger()

READS = Counter("polled_feed_reads_total", "Reads of councils' feeds by how they ended", ["outcome"])
RUNS_KEPT = 50
ITEMS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Ending:
    """How a read ended. `judged` is None where it cannot say what is missing."""

    outcome: ReadOutcome
    now: datetime
    seen: frozenset[str] = frozenset()
    judged: Absences | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    problem: dict[str, Any] | None = None
    wait: timedelta | None = None
    etag: str | None = None
    last_modified: str | None = None


async def finish(
    session: AsyncSession, feed: PolledFeed, ending: Ending, sender: Sender, known: Mapping[str, Known]
) -> ReadOutcome:
    """Keep what a read said. `feed` is locked and its claim is the reader's."""
    missing = missing_of(ending, known)
    if ending.judged is not None and not ending.judged.is_held:
        missing = await _follow(session, feed, ending.judged, missing, sender)
    await _note_seen(session, feed, ending, known)
    run = FeedRun(
        employer_id=feed.employer_id,
        feed_id=feed.id,
        started_at=ending.now,
        finished_at=ending.now,
        outcome=ending.outcome,
        counts=ending.counts | {"missing": len(missing)},
        results=ending.results,
        missing=missing,
        problem=ending.problem,
    )
    session.add(run)
    await session.flush()
    await _forget_old_runs(session, feed)
    _schedule(feed, ending, is_anything_missing=bool(missing))
    READS.labels(ending.outcome).inc()
    if feed.failures == FAILURES_UNTIL_SEEN or ending.outcome is ReadOutcome.HELD:
        log.warning("feed_needs_somebody", feed_id=str(feed.id), outcome=ending.outcome, failures=feed.failures)
    return ending.outcome


def missing_of(ending: Ending, known: Mapping[str, Known]) -> list[dict[str, Any]]:
    """What the read did not show, and what that means."""
    if ending.judged is None:
        return []
    if ending.judged.is_held:
        gone = {each for each, one in known.items() if not one.is_over} - ending.seen
        return [_missing(each, known[each].absence, "held") for each in sorted(gone)]
    noted = {each: absence for each, absence in ending.judged.noted.items() if absence.reads}
    return [
        *(_missing(each, absence, "noted") for each, absence in sorted(noted.items())),
        *(_missing(each, Absence(known[each].absence.reads + 1), "closed") for each in sorted(ending.judged.gone)),
    ]


def _missing(reference: str, absence: Absence, status: str) -> dict[str, Any]:
    return {"external_reference": reference, "absences": absence.reads, "status": status}


async def _follow(
    session: AsyncSession, feed: PolledFeed, judged: Absences, missing: list[dict[str, Any]], sender: Sender
) -> list[dict[str, Any]]:
    """Note the first absences, and unpublish what has gone."""
    actor = Actor.of(sender.caller)
    told = []
    for each in missing:
        reference = each["external_reference"]
        item = await session.get(FeedItem, (feed.id, reference))
        assert item is not None
        item.absences = min(each["absences"], 2)
        if reference in judged.gone:
            ended = await unpublish(session, reference, feed.channel, sender, actor=actor)
            if ended is not None:
                told.append(each | ended)
            if ended is None or ended["status"] != "kept":
                item.left_at = sender.now
        else:
            told.append(each)
    return told


async def _note_seen(session: AsyncSession, feed: PolledFeed, ending: Ending, known: Mapping[str, Known]) -> None:
    """New references, and those that were missing and are back. What stayed is not written again."""
    fresh = {each for each in ending.seen if each not in known or known[each].absence.reads or known[each].left_at}
    ordered = sorted(fresh)
    for first in range(0, len(ordered), ITEMS_AT_ONCE):
        rows = [
            {
                "employer_id": feed.employer_id,
                "feed_id": feed.id,
                "external_reference": each,
                "absences": 0,
                "is_absence_confirmed": False,
                "left_at": None,
            }
            for each in ordered[first : first + ITEMS_AT_ONCE]
        ]
        added = insert(FeedItem).values(rows)
        names = ("absences", "is_absence_confirmed", "left_at")
        back = {name: added.excluded[name] for name in names}
        await session.execute(added.on_conflict_do_update(index_elements=["feed_id", "external_reference"], set_=back))


async def _forget_old_runs(session: AsyncSession, feed: PolledFeed) -> None:
    kept = select(FeedRun.id).where(FeedRun.feed_id == feed.id).order_by(FeedRun.started_at.desc()).limit(RUNS_KEPT)
    await session.execute(delete(FeedRun).where(FeedRun.feed_id == feed.id, FeedRun.id.not_in(kept)))


def _schedule(feed: PolledFeed, ending: Ending, *, is_anything_missing: bool) -> None:
    """When it is read again. The validators of a read that left a question are not kept, so that the next one is whole:
    a 304 would be the same read over again, and not a second one.
    """
    feed.claim = feed.claimed_until = None
    feed.last_read_at, feed.last_outcome = ending.now, ending.outcome
    if ending.outcome is ReadOutcome.FAILED:
        feed.failures += 1
        feed.next_at = ending.now + pause_after(feed.failures, feed.id, ending.wait)
        return
    feed.failures = 0
    feed.next_at = ending.now + timedelta(minutes=feed.interval_minutes)
    is_whole = ending.outcome is ReadOutcome.GOOD and ending.judged is not None
    is_settled = ending.outcome is ReadOutcome.UNCHANGED or (is_whole and not is_anything_missing)
    feed.etag = ending.etag if is_settled else None
    feed.last_modified = ending.last_modified if is_settled else None
    if ending.outcome in {ReadOutcome.GOOD, ReadOutcome.UNCHANGED}:
        feed.last_good_at = ending.now
