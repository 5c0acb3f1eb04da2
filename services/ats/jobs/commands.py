from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import EndedJob, PublishedJob
from shared import outbox
from shared.events.adverts import AdvertChanged, AdvertEnded, AdvertListed


async def put_up(session: AsyncSession, job: PublishedJob) -> None:
    """Show an advert, in place of an older one of the same vacancy, and tell it."""
    before = await session.get(PublishedJob, job.id)
    job.listed_at = job.changed_at if before is None else before.listed_at
    await session.merge(job)
    await session.execute(delete(EndedJob).where(EndedJob.id == job.id))
    shown = (AdvertListed if before is None else AdvertChanged)(
        vacancy_id=job.id,
        employer_id=job.employer_id,
        reference=job.reference,
        title=job.title,
        closes_at=job.closes_at,
    )
    await outbox.record(session, shown, now=job.changed_at)


async def take_down(session: AsyncSession, vacancy_id: UUID, *, ended_at: datetime, now: datetime) -> None:
    """The advert is over: all that is left of it is that it was there. Harmless when there is none."""
    job = await session.get(PublishedJob, vacancy_id)
    if job is None:
        return
    await session.delete(job)
    await session.merge(
        EndedJob(
            id=job.id,
            reference=job.reference,
            employer_code=job.employer_code,
            closes_at=job.closes_at,
            ended_at=ended_at,
            changed_at=now,
            published_at=job.published_at,
            postcode=job.postcode,
        )
    )
    await session.flush()
    ended = AdvertEnded(vacancy_id=job.id, employer_id=job.employer_id, reference=job.reference, ended_at=ended_at)
    await outbox.record(session, ended, now=ended_at)
