from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.job_alerts.models import JobAlert
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.schemas import JobCriteria
from services.ats.jobs.search import common_conditions, facet_conditions, reach_of
from shared.errors import NotFound


class JobAlertNotFound(NotFound):
    code = "job_alert_not_found"
    title = "This alert has been ended"


async def get_alert(session: AsyncSession, alert_id: UUID, *, lock: bool = False) -> JobAlert:
    """Raises JobAlertNotFound."""
    query = select(JobAlert).where(JobAlert.id == alert_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise JobAlertNotFound
    return found


async def alerts_of_person(session: AsyncSession, person: str) -> Sequence[JobAlert]:
    """By the person's key, locked, the oldest first."""
    query = select(JobAlert).where(JobAlert.person_key == person).order_by(JobAlert.created_at, JobAlert.id)
    return (await session.scalars(query.with_for_update())).all()


async def new_jobs(
    session: AsyncSession, search: JobCriteria, *, since: datetime, until: datetime, now: datetime
) -> Sequence[UUID]:
    """The live adverts that a search finds and that came after `since` and not after `until`, the newest first.

    A word is taken as it was typed: one that stands in no advert today may stand in tomorrow's.
    """
    job = PublishedJob
    query = (
        select(job.id)
        .where(
            job.listed_at > since,
            job.listed_at <= until,
            *common_conditions(search, search.q, reach_of(search), now=now),
            *facet_conditions(search).values(),
        )
        .order_by(job.listed_at.desc(), job.id)
    )
    return (await session.scalars(query)).all()
