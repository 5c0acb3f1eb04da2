"""Vacancy control: one open requisition for a post, and none in a freeze without an allowed ground."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.establishment.queries import freezes_in_force
from services.ats.establishment.rules import refuse_frozen_post
from services.ats.vacancies.actions import ENDED
from services.ats.vacancies.models import Vacancy
from shared.errors import DomainError


class PostHasOpenRequisition(DomainError):
    code = "post_has_open_requisition"
    title = "There is an open requisition for this post already"


async def refuse_second_requisition(
    session: AsyncSession, employer_id: UUID, post_id: str | None, *, besides: UUID | None = None
) -> None:
    """One post is filled by one requisition at a time; the index `uq_vacancies_open_post` settles a race.

    Raises PostHasOpenRequisition, with where the first one is.
    """
    if post_id is None:
        return
    of_the_post = select(Vacancy.id).where(
        Vacancy.employer_id == employer_id, Vacancy.post_id == post_id, Vacancy.state.not_in(ENDED)
    )
    first = await session.scalar(of_the_post if besides is None else of_the_post.where(Vacancy.id != besides))
    if first is not None:
        raise PostHasOpenRequisition(
            field="requisition.post_id",
            next_step="Go on with the first one, or cancel it with its reason.",
            existing=f"/v1/vacancies/{first}",
        )


@asynccontextmanager
async def one_requisition_for_its_post(session: AsyncSession, vacancy: Vacancy) -> AsyncGenerator[None]:
    """The block opens the vacancy again: the database refuses it where another one was opened for its post at that
    very moment. Raises PostHasOpenRequisition, with where that one is.
    """
    vacancy_id, employer_id, post_id = vacancy.id, vacancy.employer_id, vacancy.post_id
    await refuse_second_requisition(session, employer_id, post_id, besides=vacancy_id)
    try:
        async with session.begin_nested():
            yield
            await session.flush()
    except IntegrityError:
        await refuse_second_requisition(session, employer_id, post_id, besides=vacancy_id)
        raise


async def refuse_frozen(session: AsyncSession, vacancy: Vacancy, *, today: date) -> None:
    """Raises RecruitmentFrozen where a freeze of the employer covers the vacancy and allows no ground that it gives."""
    freezes = await freezes_in_force(session, vacancy.employer_id, today=today)
    refuse_frozen_post(freezes, family=vacancy.family, ground=vacancy.freeze_ground)
