from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.registrations.models import Registration
from services.clearing.trials.models import Placement, Saving
from services.clearing.trials.rules import LIVE_STATES
from services.clearing.trials.states import TrialState
from shared.errors import NotFound
from shared.pagination import PagedFilter, PageRequest, paginate


class PlacementUnknown(NotFound):
    code: ClassVar[str] = "placement_not_found"
    title: ClassVar[str] = "There is no such placement here for you"


class PlacementFilter(PagedFilter):
    state: TrialState | None = None
    registration_id: UUID | None = None
    referral_id: UUID | None = None


async def get_placement(session: AsyncSession, placement_id: UUID, *, lock: bool = False) -> Placement:
    """Raises PlacementUnknown."""
    query = select(Placement).where(Placement.id == placement_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise PlacementUnknown
    return found


async def search_placements(
    session: AsyncSession, wanted: PlacementFilter, page: PageRequest
) -> tuple[Sequence[Placement], str | None]:
    """By first day, the latest first."""
    query = select(Placement)
    if wanted.state is not None:
        query = query.where(Placement.state == wanted.state)
    if wanted.registration_id is not None:
        query = query.where(Placement.registration_id == wanted.registration_id)
    if wanted.referral_id is not None:
        query = query.where(Placement.referral_id == wanted.referral_id)
    return await paginate(session, query, page, order=(Placement.starts_on, Placement.id), descending=True)


async def placements_of(session: AsyncSession, registration_id: UUID) -> Sequence[Placement]:
    query = select(Placement).where(Placement.registration_id == registration_id)
    return (await session.scalars(query.order_by(Placement.starts_on.desc(), Placement.id))).all()


async def open_placements_of(session: AsyncSession, registration_id: UUID) -> Sequence[Placement]:
    """Neither confirmed nor ended, or ended with something still due, locked."""
    is_open = or_(Placement.state.in_(LIVE_STATES), Placement.due_at.is_not(None))
    query = select(Placement).where(Placement.registration_id == registration_id, is_open)
    query = query.order_by(Placement.id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def due_placements(
    session: AsyncSession, now: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[tuple[UUID, UUID]]:
    """Each with its registration, which is locked first."""
    query = select(Placement.id, Placement.registration_id).where(Placement.due_at <= now, among)
    query = query.order_by(Placement.due_at, Placement.id).limit(limit)
    return [(placement_id, registration_id) for placement_id, registration_id in await session.execute(query)]


async def pending_savings(
    session: AsyncSession, known: tuple[date, date], limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    """Confirmed placements whose relevant date has a known cap by now."""
    query = (
        select(Placement.id)
        .join(Registration, Registration.id == Placement.registration_id)
        .where(Placement.saving_pending, Registration.employment_ends_on.between(*known), among)
    )
    return (await session.scalars(query.order_by(Placement.id).limit(limit))).all()


async def savings_by_employer(session: AsyncSession) -> Sequence[tuple[UUID, int, int]]:
    """Home employer, how many redeployments and their net saving in pence, of those the caller may see."""
    query = (
        select(Saving.home_employer_id, func.count(), func.sum(Saving.net_pence))
        .group_by(Saving.home_employer_id)
        .order_by(Saving.home_employer_id)
    )
    return [(employer_id, count, int(net)) for employer_id, count, net in await session.execute(query)]
