from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.ats.vacancies.filters import VacancyFilter
from services.ats.vacancies.models import OpeningRequest, Vacancy, VacancyAlert
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate
from shared.registry import get_employer_by_code


class VacancyNotFound(NotFound):
    code = "vacancy_not_found"
    title = "There is no such vacancy here for you"


# The most frequent read is put together once, not at each request.
ONE = select(Vacancy).where(Vacancy.id == bindparam("vacancy_id")).options(selectinload(Vacancy.openings))
LOCKED = ONE.with_for_update(of=Vacancy).execution_options(populate_existing=True)


async def find_vacancy(session: AsyncSession, vacancy_id: UUID, *, lock: bool = False) -> Vacancy | None:
    """A vacancy with its openings. `lock` takes its row, and with it the right to change its openings."""
    return await session.scalar(LOCKED if lock else ONE, {"vacancy_id": vacancy_id})


async def get_vacancy(session: AsyncSession, vacancy_id: UUID, *, lock: bool = False) -> Vacancy:
    """Raises VacancyNotFound, for another employer's vacancy too."""
    found = await find_vacancy(session, vacancy_id, lock=lock)
    if found is None:
        raise VacancyNotFound
    return found


async def watch_vacancy(session: AsyncSession, vacancy_id: UUID) -> Vacancy | None:
    """A vacancy, without its openings, whose state stays as it is until the caller has finished. Several may watch."""
    return await session.get(Vacancy, vacancy_id, with_for_update={"read": True}, populate_existing=True)


async def find_by_natural_key(
    session: AsyncSession, employer_id: UUID, source_system: str, external_reference: str
) -> UUID | None:
    return await session.scalar(
        select(Vacancy.id).where(
            Vacancy.employer_id == employer_id,
            Vacancy.source_system == source_system,
            Vacancy.external_reference == external_reference,
        )
    )


async def search_vacancies(
    session: AsyncSession, wanted: VacancyFilter, page: PageRequest, *, newest_first: bool = False
) -> tuple[list[Vacancy], str | None]:
    """A page of vacancies by their last change: oldest first, newest first for people. `following` has the changes."""
    query = select(Vacancy).options(selectinload(Vacancy.openings))
    if wanted.employer is not None:
        query = query.where(Vacancy.employer_id == (await get_employer_by_code(session, wanted.employer)).id)
    if wanted.state is not None:
        query = query.where(Vacancy.state == wanted.state)
    if wanted.external_reference is not None:
        query = query.where(Vacancy.external_reference == wanted.external_reference)
    return await paginate(session, query, page, order=(Vacancy.updated_at, Vacancy.id), descending=newest_first)


async def alerts_of_vacancy(session: AsyncSession, vacancy_id: UUID) -> Sequence[VacancyAlert]:
    """What a person must look at, oldest first."""
    found = await session.scalars(
        select(VacancyAlert)
        .where(VacancyAlert.vacancy_id == vacancy_id)
        .order_by(VacancyAlert.recorded_at, VacancyAlert.id)
    )
    return found.all()


async def find_request(session: AsyncSession, request_id: UUID) -> OpeningRequest | None:
    return await session.get(OpeningRequest, request_id)
