from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.internal_jobs.models import InternalJob


async def show_internally(session: AsyncSession, job: InternalJob) -> None:
    """In place of an older one of the same vacancy."""
    await session.merge(job)


async def hide_internally(session: AsyncSession, vacancy_id: UUID) -> None:
    """Harmless when there is none."""
    await session.execute(delete(InternalJob).where(InternalJob.id == vacancy_id))
