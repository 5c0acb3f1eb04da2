from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.registrations.models import LIVE, RedundancyCost, Registration
from services.clearing.registrations.states import DisplacementReason, RegistrationState
from shared.errors import NotFound
from shared.pagination import PagedFilter, PageRequest, paginate


class RegistrationUnknown(NotFound):
    code: ClassVar[str] = "registration_not_found"
    title: ClassVar[str] = "There is no such registration here for you"


class RegistrationFilter(PagedFilter):
    state: RegistrationState | None = None
    reason: DisplacementReason | None = None
    employer_id: UUID | None = None


async def get_registration(session: AsyncSession, registration_id: UUID, *, lock: bool = False) -> Registration:
    """Raises RegistrationUnknown, for another council's too."""
    query = select(Registration).where(Registration.id == registration_id)
    if lock:
        # Read anew: another transaction may have changed it before the lock was ours.
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise RegistrationUnknown
    return found


async def search_registrations(
    session: AsyncSession, wanted: RegistrationFilter, page: PageRequest
) -> tuple[Sequence[Registration], str | None]:
    """Newest first."""
    query = select(Registration)
    if wanted.state is not None:
        query = query.where(Registration.state == wanted.state)
    if wanted.reason is not None:
        query = query.where(Registration.reason == wanted.reason)
    if wanted.employer_id is not None:
        query = query.where(Registration.home_employer_id == wanted.employer_id)
    return await paginate(session, query, page, order=(Registration.created_at, Registration.id), descending=True)


async def live_registrations_of(session: AsyncSession, person_key: str) -> Sequence[Registration]:
    """A person's live registrations: one for each employment (R6)."""
    query = select(Registration).where(Registration.person_key == person_key, text(LIVE)).order_by(Registration.id)
    return (await session.scalars(query)).all()


async def find_redundancy_cost(session: AsyncSession, registration_id: UUID) -> RedundancyCost | None:
    return await session.get(RedundancyCost, registration_id)


async def due_to_activate(
    session: AsyncSession, now: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    query = (
        select(Registration.id)
        .where(
            Registration.state == RegistrationState.VERIFIED,
            Registration.activate_at <= now,
            Registration.person_told,
            among,
        )
        .order_by(Registration.activate_at, Registration.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()
