from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import PublishedJob
from services.ats.jobs.schemas import JobFilter
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate


class JobNotFound(NotFound):
    code = "job_not_found"
    title = "There is no such advert"


async def get_job(session: AsyncSession, job_id: UUID, *, now: datetime) -> PublishedJob:
    """An advert that is live at `now`. Raises JobNotFound, the same for one that never was."""
    found = await session.scalar(select(PublishedJob).where(PublishedJob.id == job_id, PublishedJob.closes_at > now))
    if found is None:
        raise JobNotFound
    return found


async def search_jobs(
    session: AsyncSession, wanted: JobFilter, page: PageRequest, *, now: datetime
) -> tuple[list[PublishedJob], str | None]:
    """Live adverts, newest first, and the cursor of the next page."""
    statement = _matching(select(PublishedJob).where(PublishedJob.closes_at > now), wanted)
    order = (PublishedJob.published_at, PublishedJob.id)
    return await paginate(session, statement, page, order=order, descending=True)


def _matching(statement: Select[Any], wanted: JobFilter) -> Select[Any]:
    if wanted.q:
        statement = statement.where(PublishedJob.search.op("@@")(func.websearch_to_tsquery("english", wanted.q)))
    for column, value in (
        (PublishedJob.employer_code, wanted.employer and wanted.employer.upper()),
        (PublishedJob.family, wanted.family),
        (PublishedJob.contract, wanted.contract),
        (PublishedJob.working_pattern, wanted.working_pattern),
        (PublishedJob.outcode, wanted.outcode and wanted.outcode.upper()),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.salary_from_pence is not None:
        statement = statement.where(PublishedJob.salary_max_pence >= wanted.salary_from_pence)
    if wanted.closing_before is not None:
        statement = statement.where(PublishedJob.closes_at < wanted.closing_before)
    return statement
