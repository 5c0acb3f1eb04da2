from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.equality.keeping import key_of
from services.ats.equality.models import EqualityAnswer, EqualityHeldCounts, EqualityRelease, EqualityTable
from services.ats.equality.rules import FunnelStage, Quarter, Scope, Shown, Year, furthest
from services.ats.offers.models import Offer
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date, start_of_local_day
from shared.errors import NotFound

AT_ONCE = 1000
QUARTER_MARK = "-Q"


Released = Mapping[str, Mapping[Scope, Shown]]


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
    released = await session.scalar(
        select(func.max(EqualityRelease.period)).where(EqualityRelease.period.contains(QUARTER_MARK))
    )
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


async def next_year(session: AsyncSession) -> Year | None:
    """The first whose quarters are all out, and of which counts are still held. Needs the region's reach."""
    held = (await session.scalars(select(EqualityHeldCounts.quarter).order_by(EqualityHeldCounts.quarter))).all()
    released = set((await session.scalars(select(EqualityRelease.period))).all())
    years = dict.fromkeys(Year.of(Quarter.named(each)) for each in held)
    due = [each for each in years if str(each.quarters[-1]) in released and str(each) not in released]
    return due[0] if due else None


async def held_counts(session: AsyncSession, year: Year) -> dict[Quarter, bytes]:
    """The sealed counts by quarter. Needs the region's reach."""
    names = [str(each) for each in year.quarters]
    found = await session.scalars(
        select(EqualityHeldCounts).where(EqualityHeldCounts.quarter.in_(names)).order_by(EqualityHeldCounts.quarter)
    )
    return {Quarter.named(each.quarter): each.sealed for each in found}


async def tables_shown(session: AsyncSession, quarters: Collection[Quarter]) -> Mapping[Quarter, Released]:
    """All that was published of the quarters, by characteristic and scope. Needs the region's reach."""
    found: dict[Quarter, dict[str, dict[Scope, Shown]]] = {}
    names = [str(each) for each in quarters]
    for each in await session.scalars(select(EqualityTable).where(EqualityTable.period.in_(names))):
        tables = found.setdefault(Quarter.named(each.period), {}).setdefault(each.characteristic, {})
        tables[Scope(each.employer_id, each.family)] = each.people
    return found


async def released_periods(session: AsyncSession) -> Sequence[str]:
    """Those with figures that the caller may see: the quarters, newest first, then the years."""
    names = (await session.scalars(select(EqualityTable.period).distinct())).all()
    return sorted(names, key=lambda name: (QUARTER_MARK in name, name), reverse=True)


async def released_tables(session: AsyncSession, period: str | None, scope: Scope) -> Sequence[EqualityTable]:
    """What was published of the quarter or year, or of the last quarter. Raises FiguresNotReleased."""
    if period is None:
        period = next(iter(await released_periods(session)), None)
    found = await session.scalars(
        select(EqualityTable)
        .where(
            EqualityTable.period == period,
            EqualityTable.employer_id.is_not_distinct_from(scope.employer_id),
            EqualityTable.family.is_not_distinct_from(scope.family),
        )
        .order_by(EqualityTable.characteristic)
    )
    tables = found.all()
    if not tables:
        raise FiguresNotReleased(
            next_step="A quarter's figures come half a year after its end, for who had applicants that answered; a"
            " year's with those of its last quarter"
        )
    return tables
