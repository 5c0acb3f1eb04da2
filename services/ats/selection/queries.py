from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.selection.models import InterviewCap


async def caps_of(session: AsyncSession, vacancy_id: UUID) -> Sequence[InterviewCap]:
    """The newest, which counts, first."""
    of_vacancy = select(InterviewCap).where(InterviewCap.vacancy_id == vacancy_id)
    return (await session.scalars(of_vacancy.order_by(InterviewCap.decided_at.desc(), InterviewCap.id))).all()
