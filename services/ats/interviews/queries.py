from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.interviews.models import (
    AdjustmentRequest,
    InterviewBooking,
    InterviewInvitation,
    InterviewRound,
    InterviewSlot,
    SlotMember,
)
from services.ats.interviews.states import BookingState
from services.ats.vacancies.models import Vacancy
from shared.errors import NotFound

MOST_SHOWN = 500


class RoundNotFound(NotFound):
    code = "round_not_found"
    title = "There is no such round of interviews here for you"


class SlotNotFound(NotFound):
    code = "slot_not_found"
    title = "There is no such interview time here for you"


class BookingNotFound(NotFound):
    code = "booking_not_found"
    title = "There is no such interview here for you"


async def get_round(session: AsyncSession, round_id: UUID) -> InterviewRound:
    """Raises RoundNotFound."""
    found = await session.get(InterviewRound, round_id)
    if found is None:
        raise RoundNotFound
    return found


async def rounds_of(session: AsyncSession, vacancy_id: UUID) -> Sequence[InterviewRound]:
    of_vacancy = select(InterviewRound).where(InterviewRound.vacancy_id == vacancy_id)
    return (await session.scalars(of_vacancy.order_by(InterviewRound.round_no))).all()


async def get_slot(session: AsyncSession, slot_id: UUID, *, lock: bool = False) -> InterviewSlot:
    """Raises SlotNotFound."""
    query = select(InterviewSlot).where(InterviewSlot.id == slot_id).execution_options(populate_existing=True)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise SlotNotFound
    return found


async def slots_of(session: AsyncSession, vacancy_id: UUID) -> Sequence[InterviewSlot]:
    """Every one, the cancelled too, in the order of their times."""
    of_vacancy = select(InterviewSlot).where(InterviewSlot.vacancy_id == vacancy_id)
    in_order = of_vacancy.order_by(InterviewSlot.starts_at, InterviewSlot.id).limit(MOST_SHOWN)
    return (await session.scalars(in_order.execution_options(populate_existing=True))).all()


async def slots_between(
    session: AsyncSession, begin: datetime, end: datetime
) -> Sequence[Row[InterviewSlot, str, str]]:
    """What stands in a period, with the title and the reference of its vacancy: as far as the session reaches."""
    query = (
        select(InterviewSlot, Vacancy.title, Vacancy.reference)
        .join(Vacancy, Vacancy.id == InterviewSlot.vacancy_id)
        .where(InterviewSlot.starts_at >= begin, InterviewSlot.starts_at < end, InterviewSlot.cancelled_at.is_(None))
        .order_by(InterviewSlot.starts_at, InterviewSlot.id)
    )
    return (await session.execute(query.limit(MOST_SHOWN))).all()


async def members_of(session: AsyncSession, slot_ids: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """Who of the panel sits in each of these slots."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    query = select(SlotMember.slot_id, SlotMember.staff_id).where(SlotMember.slot_id.in_(slot_ids))
    for slot_id, staff_id in await session.execute(query.order_by(SlotMember.slot_id, SlotMember.staff_id)):
        found[slot_id].append(staff_id)
    return found


async def is_invited(session: AsyncSession, application_id: UUID, round_id: UUID) -> bool:
    invited = select(InterviewInvitation.id).where(
        InterviewInvitation.application_id == application_id, InterviewInvitation.round_id == round_id
    )
    return await session.scalar(invited) is not None


async def rounds_open_to(session: AsyncSession, application_id: UUID) -> Sequence[InterviewRound]:
    """Those to which a candidate is invited."""
    query = (
        select(InterviewRound)
        .join(InterviewInvitation, InterviewInvitation.round_id == InterviewRound.id)
        .where(InterviewInvitation.application_id == application_id)
    )
    return (await session.scalars(query.order_by(InterviewRound.round_no))).all()


async def invited_to(session: AsyncSession, round_ids: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """The applications invited to each round."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    query = select(InterviewInvitation).where(InterviewInvitation.round_id.in_(round_ids))
    for each in await session.scalars(query.order_by(InterviewInvitation.invited_at, InterviewInvitation.id)):
        found[each.round_id].append(each.application_id)
    return found


async def get_booking(session: AsyncSession, booking_id: UUID, *, lock: bool = False) -> InterviewBooking:
    """Raises BookingNotFound."""
    query = select(InterviewBooking).where(InterviewBooking.id == booking_id)
    query = query.execution_options(populate_existing=True)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise BookingNotFound
    return found


async def bookings_of(session: AsyncSession, application_id: UUID) -> Sequence[InterviewBooking]:
    """Those of one candidate that stand."""
    query = select(InterviewBooking).where(
        InterviewBooking.application_id == application_id, InterviewBooking.state == BookingState.BOOKED
    )
    return (await session.scalars(query.order_by(InterviewBooking.booked_at, InterviewBooking.id))).all()


async def bookings_in(session: AsyncSession, slot_id: UUID) -> Sequence[InterviewBooking]:
    """Those that stand in one slot."""
    query = select(InterviewBooking).where(
        InterviewBooking.slot_id == slot_id, InterviewBooking.state == BookingState.BOOKED
    )
    return (await session.scalars(query.order_by(InterviewBooking.id))).all()


async def bookings_for(session: AsyncSession, vacancy_id: UUID) -> Sequence[Row[InterviewBooking, str]]:
    """Every booking of a vacancy with the application's reference, the cancelled too."""
    query = (
        select(InterviewBooking, Application.reference)
        .join(Application, Application.id == InterviewBooking.application_id)
        .where(InterviewBooking.vacancy_id == vacancy_id)
        .order_by(InterviewBooking.booked_at, InterviewBooking.id)
    )
    return (await session.execute(query.limit(MOST_SHOWN))).all()


async def find_adjustments(session: AsyncSession, application_id: UUID) -> AdjustmentRequest | None:
    return await session.get(AdjustmentRequest, application_id)


async def adjustments_for(session: AsyncSession, vacancy_id: UUID) -> Sequence[AdjustmentRequest]:
    query = select(AdjustmentRequest).where(AdjustmentRequest.vacancy_id == vacancy_id)
    return (await session.scalars(query.order_by(AdjustmentRequest.asked_at, AdjustmentRequest.application_id))).all()
