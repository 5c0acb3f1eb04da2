"""One read of one feed: fetched outside any transaction, written a batch at a time, judged at its end.

Whoever reads holds the feed's claim, which runs out if they die. Each batch looks whether the claim is still theirs, so
two never write, and a reader who was overtaken writes nothing more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.polled_feeds import queries, rules
from services.ats.polled_feeds.closing import Ending, finish, missing_of
from services.ats.polled_feeds.fetching import NOT_READ, FeedRefused, fetched
from services.ats.polled_feeds.mapping import Mapping
from services.ats.polled_feeds.models import FeedState, PolledFeed, ReadOutcome
from services.ats.polled_feeds.queries import Known
from services.ats.polled_feeds.reading import FeedRow, read_feed
from services.ats.polled_feeds.schemas import TryReport
from services.ats.polled_feeds.writing import write_feed_rows
from services.ats.vacancy_uploads.writing import Result, Sender
from shared.database import Sessions, transaction
from shared.outward import Reach
from shared.principals import Principal, PrincipalKind
from shared.problems import as_problem
from shared.registry import get_employer
from shared.tenancy import REGION

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
BATCH = 500
ROWS_SHOWN = 50


class ClaimLost(Exception):
    """Somebody paused or changed the feed, or another reader has taken it."""


@dataclass(slots=True)
class Pull:
    """One read under way."""

    sessions: Sessions
    feed: PolledFeed
    sender: Sender
    known: dict[str, Known]
    reach: Reach
    rows: list[FeedRow] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    etag: str | None = None
    last_modified: str | None = None


async def claim_due_feed(sessions: Sessions, now: datetime) -> PolledFeed | None:
    """The feed that is due longest and that nobody reads, claimed."""
    due = select(PolledFeed).where(
        PolledFeed.state == FeedState.ACTIVE,
        PolledFeed.next_at <= now,
        PolledFeed.claimed_until.is_(None) | (PolledFeed.claimed_until < func.clock_timestamp()),
    )
    async with transaction(sessions, REGION) as session:
        feed = await session.scalar(due.order_by(PolledFeed.next_at).limit(1).with_for_update(skip_locked=True))
        if feed is not None:
            feed.claim = uuid4()
            feed.claimed_until = await session.scalar(select(func.clock_timestamp() + LEASE))
    return feed


async def pull(sessions: Sessions, feed: PolledFeed, reach: Reach, *, now: datetime) -> ReadOutcome | None:
    """Read a claimed feed once, and keep what came of it. None: the claim was lost on the way."""
    under_way = await begin(sessions, feed, reach, now=now)
    try:
        ending = await _read(under_way)
    except ClaimLost:
        log.info("feed_claim_lost", feed_id=str(feed.id))
        return None
    async with transaction(sessions, under_way.sender.caller.tenancy) as session:
        held = await _hold(session, feed.id, feed.claim)
        return None if held is None else await finish(session, held, ending, under_way.sender, under_way.known)


async def begin(sessions: Sessions, feed: PolledFeed, reach: Reach, *, now: datetime) -> Pull:
    """The feed acts as a client of its employer alone: its id stands in the audit."""
    caller = Principal(kind=PrincipalKind.CLIENT, id=feed.id, employer_ids=frozenset({feed.employer_id}))
    async with transaction(sessions, caller.tenancy) as session:
        employer = await get_employer(session, feed.employer_id)
        return Pull(sessions, feed, Sender(employer, caller, now), await queries.known_items(session, feed), reach)


async def try_feed(sessions: Sessions, feed: PolledFeed, reach: Reach, *, now: datetime) -> TryReport:
    """What a read would do now, row by row. Nothing of it stays."""
    under_way = await begin(sessions, feed, reach, now=now)
    try:
        await _fetch(under_way)
    except NOT_READ as error:
        return TryReport(outcome=ReadOutcome.FAILED, counts={}, problem=as_problem(error), results=[], missing=[])
    async with transaction(sessions, under_way.sender.caller.tenancy) as session:
        rehearsal = await session.begin_nested()
        for batch in _batches(under_way.rows):
            under_way.results += await write_feed_rows(session, batch, under_way.known, under_way.sender)
        await rehearsal.rollback()
    ending = _ending(under_way)
    shown = {each.row.number: each.row.wanted for each in under_way.rows[:ROWS_SHOWN] if each.row.wanted is not None}
    read = {number: wanted.model_dump(mode="json", exclude_unset=True) for number, wanted in shown.items()}
    results = [each | {"read": read.get(each["row"])} for each in under_way.results]
    missing = missing_of(ending, under_way.known)
    return TryReport.model_validate(
        {"outcome": ending.outcome, "counts": ending.counts, "results": results, "missing": missing}
    )


async def _read(under_way: Pull) -> Ending:
    """Fetch and write. Raises ClaimLost."""
    feed, now = under_way.feed, under_way.sender.now
    try:
        if not await _fetch(under_way):
            return Ending(ReadOutcome.UNCHANGED, now, etag=feed.etag, last_modified=feed.last_modified)
    except NOT_READ as error:
        wait = error.wait if isinstance(error, FeedRefused) else None
        return Ending(ReadOutcome.FAILED, now, problem=as_problem(error), wait=wait)
    for batch in _batches(under_way.rows):
        async with transaction(under_way.sessions, under_way.sender.caller.tenancy) as session:
            if await _hold(session, feed.id, feed.claim) is None:
                raise ClaimLost
            under_way.results += await write_feed_rows(session, batch, under_way.known, under_way.sender)
    return _ending(under_way)


async def _fetch(under_way: Pull) -> bool:
    """Whether the feed has anything new to say. Raises FeedNotRead, AddressRefused."""
    feed, reach = under_way.feed, under_way.reach
    validators = {"etag": feed.etag, "last_modified": feed.last_modified}
    async with fetched(feed.url, reach, **validators, now=under_way.sender.now) as found:
        if found.body is None:
            if not any(validators.values()):
                raise FeedRefused("It says that nothing changed, and was not asked that.")
            return False
        mapping, code = Mapping.model_validate(feed.mapping), under_way.sender.employer.code
        under_way.rows = await asyncio.to_thread(
            read_feed, found.body, feed.format, mapping, employer=code, channel=feed.channel
        )
        under_way.etag, under_way.last_modified = found.etag, found.last_modified
    return True


def _ending(under_way: Pull) -> Ending:
    """What the whole read says. One with a row that names no reference cannot say what is missing.

    A feed that shows nothing at all is asked about like one that lost more than half, until a person has confirmed it.
    """
    now, rows = under_way.sender.now, under_way.rows
    counts = Counter(each["status"] for each in under_way.results)
    seen = frozenset(each.reference for each in rows if each.reference is not None)
    open_ones = {reference: each.absence for reference, each in under_way.known.items() if not each.is_over}
    judged = None if any(each.reference is None for each in rows) else rules.judge(open_ones, seen)
    is_held = judged is not None and judged.is_held
    outcome = ReadOutcome.HELD if is_held else ReadOutcome.GOOD
    if not rows and (is_held or not under_way.known):
        outcome = ReadOutcome.EMPTY
    return Ending(
        outcome,
        now,
        seen=seen,
        judged=judged,
        counts=_counted(counts),
        results=[each for each in under_way.results if each["status"] != "unchanged" or "problem" in each],
        etag=under_way.etag,
        last_modified=under_way.last_modified,
    )


def _counted(counts: Counter[str]) -> dict[str, Any]:
    return {status: counts[status] for status in ("created", "changed", "unchanged", "refused")}


def _batches(rows: Sequence[FeedRow]) -> list[Sequence[FeedRow]]:
    return [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]


async def _hold(session: AsyncSession, feed_id: UUID, claim: UUID | None) -> PolledFeed | None:
    """The feed, locked, while the claim is still this reader's."""
    held = await session.get(PolledFeed, feed_id, with_for_update=True)
    return held if held is not None and held.claim == claim else None
