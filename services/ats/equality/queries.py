from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.equality.keeping import key_of
from services.ats.equality.models import EqualityAnswer, EqualityRelease, EqualityTable
from services.ats.equality.rules import FunnelStage, Quarter, Scope, furthest
from services.ats.offers.models import Offer
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date, start_of_local_day
from shared.errors import NotFound

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Candidacy:
    """One application of a quarter, and the key of its answers, whether there are any or not."""

    key: bytes
    employer_id: UUID
    family: str
    reached: FunnelStage


class FiguresNotReleased(NotFound):
    code = "equality_figures_not_released"
    title = "There are no such equality figures here for you"


async def has_answered(session: AsyncSession, key: bytes) -> bool:
    """Needs the region's reach."""
    return await session.scalar(select(exists().where(EqualityAnswer.key == key))) or False


async def next_quarter(session: AsyncSession, *, today: date) -> Quarter | None:
    """The first quarter with applications, or the one after the last that was released, once it is settled."""
    released = await session.scalar(select(func.max(EqualityRelease.quarter)))
    if released is not None:
        quarter = Quarter.named(released).following
    else:
        first = await session.scalar(select(func.min(Application.submitted_at)))
        if first is None:
            return None
        quarter = Quarter.of(local_date(first))
    return quarter if quarter.is_settled(today) else None


async def candidacies(session: AsyncSession, quarter: Quarter) -> Sequence[Candidacy]:
    """All applications of the quarter. Needs the region's reach."""
    has_offer = exists().where(Offer.application_id == Application.id)
    query = (
        select(
            Application.id,
            Application.vacancy_id,
            Application.employer_id,
            Vacancy.family,
            (Application.stage == Stage.HIRED).label("is_hired"),
            has_offer.label("has_offer"),
            Application.interviewed_at.is_not(None).label("was_interviewed"),
            Application.shortlist_told_at.is_not(None).label("was_shortlisted"),
        )
        .join(Vacancy, Vacancy.id == Application.vacancy_id)
        .where(
            Application.submitted_at >= start_of_local_day(quarter.first_day),
            Application.submitted_at < start_of_local_day(quarter.following.first_day),
        )
        .order_by(Application.id)
    )
    return [
        Candidacy(
            key=key_of(row.vacancy_id, row.id),
            employer_id=row.employer_id,
            family=row.family,
            reached=furthest(
                is_hired=row.is_hired,
                has_offer=row.has_offer,
                was_interviewed=row.was_interviewed,
                was_shortlisted=row.was_shortlisted,
            ),
        )
        for row in await session.execute(query)
    ]


async def answers_under(session: AsyncSession, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The sealed answers by key. Needs the region's reach."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), AT_ONCE):
        wanted = select(EqualityAnswer.key, EqualityAnswer.sealed).where(
            EqualityAnswer.key.in_(keys[start : start + AT_ONCE])
        )
        found |= {row.key: row.sealed for row in await session.execute(wanted)}
    return found


async def released_quarters(session: AsyncSession) -> Sequence[str]:
    """Those with figures that the caller may see, newest first."""
    quarters = await session.scalars(select(EqualityTable.quarter).distinct().order_by(EqualityTable.quarter.desc()))
    return quarters.all()


async def released_tables(session: AsyncSession, quarter: str | None, scope: Scope) -> Sequence[EqualityTable]:
    """What was published of the quarter, or of the last one. Raises FiguresNotReleased."""
    if quarter is None:
        quarter = next(iter(await released_quarters(session)), None)
    found = await session.scalars(
        select(EqualityTable)
        .where(
            EqualityTable.quarter == quarter,
            EqualityTable.employer_id.is_not_distinct_from(scope.employer_id),
            EqualityTable.family.is_not_distinct_from(scope.family),
        )
        .order_by(EqualityTable.characteristic)
    )
    tables = found.all()
    if not tables:
        raise FiguresNotReleased(
            next_step="A quarter's figures come half a year after its end, for who had applicants that answered"
        )
    return tables
