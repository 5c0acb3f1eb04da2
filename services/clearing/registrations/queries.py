from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.registrations.models import LIVE, RedundancyCost, Registration
from services.clearing.registrations.states import DisplacementReason, RegistrationState
from shared.errors import NotFound
from shared.pagination import PagedFilter, PageRequest, paginate
from shared.principals import Principal
from shared.vocabulary import Scope


class RegistrationUnknown(NotFound):
    code: ClassVar[str] = "registration_not_found"
    title: ClassVar[str] = "There is no such registration here for you"


class RegistrationFilter(PagedFilter):
    state: RegistrationState | None = None
    reason: DisplacementReason | None = None
    employer_id: UUID | None = None
    employee_number: str | None = Field(default=None, max_length=40, description="Shows who else was entered under it")


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


async def get_registration_for(session: AsyncSession, registration_id: UUID, caller: Principal) -> Registration:
    """One that this caller may read (see `readable_by`). Raises RegistrationUnknown."""
    found = await session.scalar(readable_by(select(Registration).where(Registration.id == registration_id), caller))
    if found is None:
        raise RegistrationUnknown
    return found


def readable_by(query: Select[Registration], caller: Principal) -> Select[Registration]:
    """R5: outside the home council only who is verified, unless the caller stands in for a council's HR.

    What its person has not confirmed reaches nobody but them; row-level security keeps it from the home council.
    """
    if caller.subject_id is not None or not caller.limited_to(Scope.CLEARING_READ).is_region:
        return query
    query = query.where(Registration.state != RegistrationState.UNCONFIRMED)
    stand_in = caller.limited_to(Scope.CLEARING_WRITE)
    if stand_in.is_region:
        return query
    at_home = Registration.home_employer_id.in_(stand_in.employer_ids)
    return query.where(or_(Registration.verified_at.is_not(None), at_home))


async def search_registrations(
    session: AsyncSession, wanted: RegistrationFilter, page: PageRequest, caller: Principal
) -> tuple[Sequence[Registration], str | None]:
    """Newest first."""
    query = readable_by(select(Registration), caller)
    if wanted.state is not None:
        query = query.where(Registration.state == wanted.state)
    if wanted.reason is not None:
        query = query.where(Registration.reason == wanted.reason)
    if wanted.employer_id is not None:
        query = query.where(Registration.home_employer_id == wanted.employer_id)
    if wanted.employee_number is not None:
        query = query.where(Registration.employee_number == wanted.employee_number)
    return await paginate(session, query, page, order=(Registration.created_at, Registration.id), descending=True)


async def open_registrations_of(session: AsyncSession, person_key: str) -> Sequence[Registration]:
    """A person's live registrations, one for each employment (R6), and what HR has yet to choose from."""
    is_open = or_(text(LIVE), Registration.state == RegistrationState.DUPLICATE)
    query = select(Registration).where(Registration.person_key == person_key, is_open).order_by(Registration.id)
    return (await session.scalars(query)).all()


async def others_of_employment(session: AsyncSession, registration: Registration) -> Sequence[Registration]:
    """Whoever else has been registered under the same employee number of the same council, and is not settled."""
    query = select(Registration).where(
        Registration.home_employer_id == registration.home_employer_id,
        Registration.employee_number == registration.employee_number,
        Registration.employment == registration.employment,
        Registration.id != registration.id,
        or_(text(LIVE), Registration.state == RegistrationState.DUPLICATE),
    )
    return (await session.scalars(query.order_by(Registration.created_at, Registration.id).limit(100))).all()


async def find_redundancy_cost(session: AsyncSession, registration_id: UUID) -> RedundancyCost | None:
    return await session.get(RedundancyCost, registration_id)


async def unconfirmed_before(
    session: AsyncSession, instant: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    query = select(Registration.id).where(
        Registration.state == RegistrationState.UNCONFIRMED, Registration.created_at < instant, among
    )
    return (await session.scalars(query.order_by(Registration.created_at, Registration.id).limit(limit))).all()


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
