"""What changed since a board last asked: live adverts and tombstones in one order, so that its index equals ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import DateTime, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import EndedJob, PublishedJob
from services.ats.jobs.schemas import EndedJobRead, JobSummary
from shared.pagination import PageRequest, paginate

OVERLAP = timedelta(minutes=2)
"""A change is dated when its transaction begins, and none lives longer than this before it can be read."""


@dataclass(frozen=True)
class Changes:
    """A page of them. `next_since` is there on the last page only."""

    live: list[JobSummary]
    ended: list[EndedJobRead]
    next_cursor: str | None
    next_since: datetime | None


async def changes_since(session: AsyncSession, since: datetime, page: PageRequest, *, now: datetime) -> Changes:
    """A page of what changed at or after `since`, the oldest change first. A board that never asked begins in 1970.

    The cursor also says when the board began to read: what was stored late, behind a page that it had read by then, is
    no older than the overlap before that, however long it reads.
    """
    after = page.read()
    began = after[-1] if after else now
    changed = union_all(
        *(select(table.changed_at, table.id).where(table.changed_at >= since) for table in (PublishedJob, EndedJob))
    ).subquery("changed")
    order = (changed.c.changed_at, changed.c.id, literal(began, DateTime(timezone=True)))
    ids, cursor = await paginate(session, select(changed.c.id), page, order=order)
    rows = await session.scalars(
        select(PublishedJob).where(PublishedJob.id.in_(ids)).order_by(PublishedJob.changed_at, PublishedJob.id)
    )
    tombstones = await session.scalars(
        select(EndedJob).where(EndedJob.id.in_(ids)).order_by(EndedJob.changed_at, EndedJob.id)
    )
    jobs, over = rows.all(), tombstones.all()
    ended = [EndedJobRead.model_validate(each) for each in over]
    # What is over by the clock, and not yet by the due work.
    ended += [
        EndedJobRead(id=each.id, reference=each.reference, ended_at=each.closes_at)
        for each in jobs
        if each.closes_at <= now
    ]
    live = [JobSummary.model_validate(job) for job in jobs if job.closes_at > now]
    newest = max((each.changed_at for each in (*jobs, *over)), default=since)
    return Changes(live, ended, cursor, None if cursor else max(since, min(newest, began) - OVERLAP))
