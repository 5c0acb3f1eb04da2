"""The feeds by name: how each is written, which adverts it takes, and for what reasons it leaves others out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, cast, false, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.feeds import formats
from services.ats.jobs.models import EndedJob, PublishedJob
from services.ats.jobs.towns import towned_outcodes
from shared.errors import NotFound

Write = Callable[[IO[bytes], datetime], AbstractContextManager[formats.Add]]
XML = "application/xml"


class FeedUnknown(NotFound):
    code = "feed_not_known"
    title = "There is no such feed"

    def __init__(self) -> None:
        super().__init__(next_step=f"One of: {', '.join(FEEDS)}")


@dataclass(frozen=True)
class Reason:
    """Why a feed leaves an advert out: a stable code, words for whoever can mend it, and when it is so."""

    code: str
    words: str
    condition: ColumnElement[bool]


@dataclass(frozen=True)
class Feed:
    """`table` is what it lists: live adverts, or those that ended before their time."""

    name: str
    media_type: str
    write: Write
    reasons: tuple[Reason, ...] = field(default=())
    table: type[PublishedJob | EndedJob] = PublishedJob

    def of(self, employer: str | None, *, now: datetime) -> Select[Any]:
        """What it lists, in an order that does not change."""
        chosen = self._open(employer, now).where(not_(self._is_left_out()))
        return chosen.order_by(self.table.published_at, self.table.id)

    def left_out(self, employer: str | None, *, now: datetime) -> Select[Any]:
        """The adverts that it leaves out."""
        return self._open(employer, now).where(self._is_left_out())

    def _is_left_out(self) -> ColumnElement[bool]:
        return or_(false(), *(each.condition for each in self.reasons))

    def _open(self, employer: str | None, now: datetime) -> Select[Any]:
        chosen = select(self.table).where(self.table.closes_at > now)
        if self.table is EndedJob:
            chosen = chosen.where(EndedJob.ended_at < EndedJob.closes_at, EndedJob.postcode.is_not(None))
        return chosen if employer is None else chosen.where(self.table.employer_code == employer.upper())


TITLE_IS_EMPTY = Reason(
    "title_without_letters", "The title holds no letter or digit", not_(PublishedJob.title.regexp_match("[[:alnum:]]"))
)
NO_POSTCODE = Reason(
    "postcode_missing",
    "Find a Job takes no advert without a full postcode: give that of the workplace, not the outward code alone",
    PublishedJob.postcode.is_(None),
)
NO_TOWN = Reason(
    "town_not_known",
    "A city has to be named, and none is known for this outward code",
    PublishedJob.outcode.not_in(towned_outcodes()),
)
FEEDS: Mapping[str, Feed] = {
    feed.name: feed
    for feed in (
        Feed("jobs.json", "application/json", formats.write_job_postings, (TITLE_IS_EMPTY,)),
        Feed("jobs.rss", "application/rss+xml", formats.write_rss, (TITLE_IS_EMPTY,)),
        Feed("indeed.xml", XML, formats.write_indeed, (TITLE_IS_EMPTY, NO_TOWN)),
        Feed("find-a-job.xml", XML, formats.write_find_a_job, (TITLE_IS_EMPTY, NO_POSTCODE)),
        Feed("find-a-job-closed-early.xml", XML, formats.write_closed_early, table=EndedJob),
        Feed("sitemap.xml", XML, formats.write_sitemap),
    )
}


def get_feed(name: str) -> Feed:
    """Raises FeedUnknown."""
    if name not in FEEDS:
        raise FeedUnknown
    return FEEDS[name]


async def first_reasons(session: AsyncSession, feed: Feed, ids: Sequence[UUID]) -> Mapping[UUID, Reason]:
    """For each of these adverts that the feed leaves out, the first reason that holds."""
    if not ids:
        return {}
    which = case(*((each.condition, each.code) for each in feed.reasons))
    by_code = {each.code: each for each in feed.reasons}
    rows = await session.execute(select(feed.table.id, cast(which, Text)).where(feed.table.id.in_(ids)))
    return {row[0]: by_code[str(row[1])] for row in rows}
