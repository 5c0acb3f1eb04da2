from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.milestones.models import Milestone


async def milestones_of_vacancy(session: AsyncSession, vacancy_id: UUID) -> Sequence[Milestone]:
    """In the order in which they happened."""
    found = await session.scalars(
        select(Milestone).where(Milestone.vacancy_id == vacancy_id).order_by(Milestone.occurred_at, Milestone.id)
    )
    return found.all()
