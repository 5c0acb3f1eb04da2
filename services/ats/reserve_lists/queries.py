from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.states import ApplicationSource, Stage
from services.ats.reserve_lists.models import ReserveEntry
from services.ats.reserve_lists.schemas import ReserveEntryRead
from services.ats.vacancies.queries import get_vacancy
from shared.errors import NotFound


class NotOnReserveList(NotFound):
    code = "not_on_reserve_list"
    title = "This person is on no reserve list"


async def standing_entries(session: AsyncSession, vacancy_id: UUID) -> Sequence[ReserveEntry]:
    """By rank. Who changes one has the vacancy locked."""
    query = select(ReserveEntry).where(ReserveEntry.vacancy_id == vacancy_id, ReserveEntry.ended_at.is_(None))
    found = await session.scalars(query.order_by(ReserveEntry.rank).execution_options(populate_existing=True))
    return found.all()


async def find_standing(session: AsyncSession, application_id: UUID) -> ReserveEntry | None:
    query = select(ReserveEntry).where(ReserveEntry.application_id == application_id, ReserveEntry.ended_at.is_(None))
    return await session.scalar(query)


async def read_list(session: AsyncSession, vacancy_id: UUID) -> list[ReserveEntryRead]:
    """By rank. Raises VacancyNotFound."""
    await get_vacancy(session, vacancy_id)
    query = (
        select(ReserveEntry, Application.reference)
        .join(Application, Application.id == ReserveEntry.application_id)
        .where(ReserveEntry.vacancy_id == vacancy_id, ReserveEntry.ended_at.is_(None))
        .order_by(ReserveEntry.rank)
        .execution_options(populate_existing=True)
    )
    return [
        ReserveEntryRead(
            application_id=entry.application_id,
            reference=reference,
            rank=entry.rank,
            listed_at=entry.listed_at,
            listed_by=entry.listed_by,
            until=entry.until,
            told_at=entry.told_at,
        )
        for entry, reference in (await session.execute(query)).all()
    ]


async def could_be_listed(session: AsyncSession, vacancy_id: UUID) -> Sequence[Application]:
    """Who is at interview, in the order of their coming. Referred redeployees are decided in clearing."""
    query = select(Application).where(
        Application.vacancy_id == vacancy_id,
        Application.stage == Stage.INTERVIEW,
        Application.source != ApplicationSource.CLEARING,
    )
    return (await session.scalars(query.order_by(Application.submitted_at, Application.id))).all()
