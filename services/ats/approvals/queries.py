from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approvals.models import Approval


async def approvals_of_vacancy(session: AsyncSession, vacancy_id: UUID) -> Sequence[Approval]:
    """Every request and its decision, oldest first."""
    found = await session.scalars(
        select(Approval).where(Approval.vacancy_id == vacancy_id).order_by(Approval.requested_at, Approval.id)
    )
    return found.all()
