from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.ats.jobs.models import EndedJob, PublishedJob
from services.ats.jobs.schemas import Suggestion
from services.ats.jobs.towns import town_names
from shared.errors import DomainError, NotFound

LEAST_LIKE = 0.35
"""How much of what is typed a title has to hold before it is suggested for a slip of the pen (pg_trgm)."""


class JobNotFound(NotFound):
    code = "job_not_found"
    title = "There is no such advert"


class JobEnded(DomainError):
    """It was public once, so saying so tells nothing new. What the vacancy became is not told."""

    code: ClassVar[str] = "job_ended"
    status: ClassVar[int] = 410
    title: ClassVar[str] = "This advert is over"

    def __init__(self) -> None:
        super().__init__(next_step="Take it out of your index; GET /v1/jobs shows what is live")


async def get_job(session: AsyncSession, job_id: UUID, *, now: datetime) -> PublishedJob:
    """An advert that is live at `now`. Raises JobEnded for one that was public, JobNotFound for any other id."""
    found = await session.get(PublishedJob, job_id)
    if found is None and await session.get(EndedJob, job_id) is None:
        raise JobNotFound
    if found is None or found.closes_at <= now:
        raise JobEnded
    return found


async def suggest(session: AsyncSession, typed: str, *, limit: int, now: datetime) -> list[Suggestion]:
    """Titles, employers and towns that begin with what is typed, at the start or at a word of it."""
    text = " ".join(typed.split())
    found: list[Suggestion] = []
    for kind, column in (("title", PublishedJob.title), ("employer", PublishedJob.employer_name)):
        begins, holds = column.istartswith(text, autoescape=True), column.icontains(f" {text}", autoescape=True)
        found += await _suggested(session, kind, column, or_(begins, holds), begins.desc(), limit=limit, now=now)
    if not found:
        found = await _alike(session, text, limit=limit, now=now)
    places = [name for name in town_names() if name.casefold().startswith(text.casefold())]
    return (found + [Suggestion(kind="place", text=name, jobs=None) for name in places])[:limit]


async def _suggested(
    session: AsyncSession,
    kind: str,
    column: InstrumentedAttribute[str],
    condition: ColumnElement[bool],
    order: UnaryExpression[Any],
    *,
    limit: int,
    now: datetime,
) -> list[Suggestion]:
    jobs = func.count()
    rows = await session.execute(
        select(column, jobs)
        .where(condition, PublishedJob.closes_at > now)
        .group_by(column)
        .order_by(order, jobs.desc(), column)
        .limit(limit)
    )
    return [Suggestion(kind=kind, text=text, jobs=count) for text, count in rows]


async def _alike(session: AsyncSession, text: str, *, limit: int, now: datetime) -> list[Suggestion]:
    """Titles that are spelt like what is typed. Each is compared once, however many adverts have it."""
    titles = (
        select(PublishedJob.title, func.count().label("jobs"))
        .where(PublishedJob.closes_at > now)
        .group_by(PublishedJob.title)
        .cte("titles")
        .prefix_with("MATERIALIZED")
    )
    likeness = func.word_similarity(text, titles.c.title)
    rows = await session.execute(
        select(titles)
        .where(likeness >= LEAST_LIKE)
        .order_by(likeness.desc(), titles.c.jobs.desc(), titles.c.title)
        .limit(limit)
    )
    return [Suggestion(kind="title", text=title, jobs=jobs) for title, jobs in rows]


async def live_by_employer(session: AsyncSession, *, now: datetime) -> Mapping[str, int]:
    """How many adverts each employer has, by its code."""
    rows = await session.execute(
        select(PublishedJob.employer_code, func.count())
        .where(PublishedJob.closes_at > now)
        .group_by(PublishedJob.employer_code)
    )
    return {row[0]: row[1] for row in rows}
