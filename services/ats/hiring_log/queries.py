from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hiring_log.models import HiringLogEntry


async def steps_of_vacancy(session: AsyncSession, vacancy_id: UUID) -> Sequence[HiringLogEntry]:
    """What happened to one vacancy, in the order of its happening."""
    found = await session.scalars(
        select(HiringLogEntry)
        .where(HiringLogEntry.vacancy_id == vacancy_id)
        .order_by(HiringLogEntry.occurred_at, HiringLogEntry.id)
    )
    return found.all()
