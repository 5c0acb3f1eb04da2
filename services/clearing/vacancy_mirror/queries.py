from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.vacancy_mirror.models import ClearingPolicy, Vacancy, Window
from services.clearing.vacancy_mirror.rules import HOLDABLE
from services.clearing.vacancy_mirror.states import WindowState
from shared.errors import NotFound

OPEN = frozenset({WindowState.WINDOW, WindowState.INTERNAL_WINDOW, WindowState.REGIONAL_WINDOW})
RUNNING = HOLDABLE | {WindowState.ON_HOLD}


class VacancyUnknown(NotFound):
    code: ClassVar[str] = "vacancy_not_found"
    title: ClassVar[str] = "There is no such vacancy here for you"


class PolicyMissing(Exception):
    """A programming mistake: the region's own policy is seeded by the first migration."""


async def find_vacancy(session: AsyncSession, vacancy_id: UUID, *, lock: bool = False) -> Vacancy | None:
    query = select(Vacancy).where(Vacancy.id == vacancy_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def get_vacancy(session: AsyncSession, vacancy_id: UUID) -> Vacancy:
    """Raises VacancyUnknown."""
    found = await find_vacancy(session, vacancy_id)
    if found is None:
        raise VacancyUnknown
    return found


async def windows_of(session: AsyncSession, vacancy_id: UUID, *, lock: bool = False) -> Sequence[Window]:
    """Every window that this vacancy has had, oldest content first."""
    query = select(Window).where(Window.vacancy_id == vacancy_id).order_by(Window.content_version, Window.round)
    return (await session.scalars(query.with_for_update() if lock else query)).all()


async def lock_window(session: AsyncSession, window_id: UUID) -> Window:
    """Raises VacancyUnknown."""
    query = select(Window).where(Window.id == window_id).with_for_update()
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise VacancyUnknown
    return found


async def current_window(session: AsyncSession, vacancy: Vacancy, *, lock: bool = False) -> Window | None:
    """The latest window of the vacancy's present content."""
    query = (
        select(Window)
        .where(Window.vacancy_id == vacancy.id, Window.content_version == vacancy.content_version)
        .order_by(Window.round.desc())
        .limit(1)
    )
    return await session.scalar(query.with_for_update() if lock else query)


async def policy_on(session: AsyncSession, employer_id: UUID, day: date) -> ClearingPolicy:
    """The employer's own policy in force on a day, else the region's."""
    query = (
        select(ClearingPolicy)
        .where(
            or_(ClearingPolicy.employer_id == employer_id, ClearingPolicy.employer_id.is_(None)),
            ClearingPolicy.effective_from <= day,
        )
        .order_by(ClearingPolicy.employer_id.is_(None), ClearingPolicy.effective_from.desc())
        .limit(1)
    )
    found = await session.scalar(query)
    if found is None:
        raise PolicyMissing
    return found
