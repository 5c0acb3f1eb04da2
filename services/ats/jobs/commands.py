from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import PublishedJob


async def put_up(session: AsyncSession, job: PublishedJob) -> None:
    """Show an advert, in place of an older one of the same vacancy."""
    await session.merge(job)


async def take_down(session: AsyncSession, vacancy_id: UUID) -> None:
    """The advert is over: from now on nobody outside can tell that it ever was. Harmless when there is none."""
    await session.execute(delete(PublishedJob).where(PublishedJob.id == vacancy_id))
