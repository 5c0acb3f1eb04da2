from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.ats.hiring_log.models import HiringLogEntry


async def steps_of_vacancy(session: AsyncSession, vacancy_id: UUID) -> Sequence[HiringLogEntry]:
    """What happened to one vacancy, in the order of its happening."""
    found = await session.scalars(
        select(HiringLogEntry)
        .where(HiringLogEntry.vacancy_id == vacancy_id)
        .order_by(HiringLogEntry.occurred_at, HiringLogEntry.id)
    )
    return found.all()


def stands(recorded_by: datetime | None = None) -> ColumnElement[bool]:
    """Whether an entry is what is known now, or was known at an instant: not corrected, and not taking one back."""
    correction = aliased(HiringLogEntry)
    is_corrected = correction.corrects_id == HiringLogEntry.id
    if recorded_by is not None:
        is_corrected &= correction.recorded_at <= recorded_by
    return and_(HiringLogEntry.takes_back.is_(False), ~exists().where(is_corrected))


async def standing_steps(session: AsyncSession, vacancy_ids: Collection[UUID]) -> Sequence[HiringLogEntry]:
    """What is known of these vacancies, oldest entry first."""
    found = await session.scalars(
        select(HiringLogEntry).where(HiringLogEntry.vacancy_id.in_(vacancy_ids), stands()).order_by(HiringLogEntry.id)
    )
    return found.all()
