from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import EndedJob, PublishedJob
from services.ats.jobs.schemas import Suggestion
from services.ats.jobs.spelling import alike_titles
from services.ats.jobs.towns import town_names
from shared.errors import DomainError, NotFound
from shared.registry import employers


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
    found = await _beginning(session, text, limit=limit, now=now)
    if not found:
        titles = await alike_titles(session, [text], limit=limit, now=now)
        found = [Suggestion(kind="title", text=title, jobs=jobs) for title, jobs in titles]
    places = [name for name in town_names() if name.casefold().startswith(text.casefold())]
    return (found + [Suggestion(kind="place", text=name, jobs=None) for name in places])[:limit]


async def _beginning(session: AsyncSession, text: str, *, limit: int, now: datetime) -> list[Suggestion]:
    """Titles before employers, those that begin with it before those that hold a word that does."""
    is_live, jobs = PublishedJob.closes_at > now, func.count().label("jobs")

    def wanted(kind: str, column: Any) -> Select[Any]:
        begins, holds = column.istartswith(text, autoescape=True), column.icontains(f" {text}", autoescape=True)
        return select(
            literal(kind).label("kind"), column.label("text"), func.bool_or(begins).label("begins"), jobs
        ).where(is_live, or_(begins, holds))

    titles = wanted("title", PublishedJob.title).group_by(PublishedJob.title)
    bodies = wanted("employer", employers.c.title).group_by(employers.c.title)
    both = union_all(titles, bodies.join_from(employers, PublishedJob, PublishedJob.employer_id == employers.c.id))
    found = both.subquery()
    order = (found.c.kind.desc(), found.c.begins.desc(), found.c.jobs.desc(), found.c.text)
    rows = await session.execute(select(found).order_by(*order).limit(limit))
    return [Suggestion(kind=row.kind, text=row.text, jobs=row.jobs) for row in rows]


async def live_by_employer(session: AsyncSession, *, now: datetime) -> Mapping[str, int]:
    """How many adverts each employer has, by its code."""
    rows = await session.execute(
        select(PublishedJob.employer_code, func.count())
        .where(PublishedJob.closes_at > now)
        .group_by(PublishedJob.employer_code)
    )
    return {row[0]: row[1] for row in rows}
