from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.internal_jobs.models import InternalJob
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate


class InternalJobNotFound(NotFound):
    code = "internal_job_not_found"
    title = "There is no such internal advert for you"


async def list_internal_jobs(
    session: AsyncSession, page: PageRequest, *, now: datetime
) -> tuple[list[InternalJob], str | None]:
    """Those that the caller's employers may read, newest first."""
    out = select(InternalJob).where(InternalJob.closes_at > now)
    return await paginate(session, out, page, order=(InternalJob.published_at, InternalJob.id), descending=True)


async def get_internal_job(session: AsyncSession, job_id: UUID, *, now: datetime) -> InternalJob:
    """Raises InternalJobNotFound, the same for one that is for others."""
    found = await session.scalar(select(InternalJob).where(InternalJob.id == job_id, InternalJob.closes_at > now))
    if found is None:
        raise InternalJobNotFound
    return found
