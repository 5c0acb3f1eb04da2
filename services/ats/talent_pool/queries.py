from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, PoolMember
from services.ats.applications.states import ApplicationSource
from services.ats.jobs.towns import town_of
from services.ats.talent_pool.schemas import PoolFilter, PoolMemberRead
from shared.calendar import local_date
from shared.pagination import PageRequest, paginate


async def search_pool(
    session: AsyncSession, wanted: PoolFilter, page: PageRequest
) -> tuple[list[PoolMember], str | None]:
    """Who agreed to be found by one of the caller's employers, or by every one: row-level security says which."""
    query = select(PoolMember)
    for column, value in (
        (PoolMember.family, wanted.family),
        (PoolMember.outcode, wanted.outcode and wanted.outcode.upper()),
        (PoolMember.contract, wanted.contract),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.hours_min is not None:
        query = query.where(PoolMember.hours_per_week >= wanted.hours_min)
    if wanted.hours_max is not None:
        query = query.where(PoolMember.hours_per_week <= wanted.hours_max)
    return await paginate(session, query, page, order=(PoolMember.joined_at, PoolMember.id))


def present_member(member: PoolMember, own: Collection[UUID] | None) -> PoolMemberRead:
    """`own`: the employers of the caller; None for the region's."""
    is_own = own is None or member.employer_id in own
    return PoolMemberRead(
        id=member.id,
        family=member.family,
        outcode=member.outcode,
        town=town_of(member.outcode),
        contract=member.contract,
        hours_per_week=member.hours_per_week,
        joined_on=local_date(member.joined_at),
        reach=member.reach,
        application_id=member.application_id if is_own else None,
    )


async def known_members(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    return set(await session.scalars(select(PoolMember.id).where(PoolMember.id.in_(ids))))


async def has_applied(session: AsyncSession, vacancy_id: UUID, person_key: str) -> bool:
    """Whatever became of it, and by whatever way."""
    theirs = select(Application.id).where(
        Application.vacancy_id == vacancy_id,
        Application.person_key == person_key,
        Application.source != ApplicationSource.CLEARING,
    )
    return await session.scalar(theirs.limit(1)) is not None
