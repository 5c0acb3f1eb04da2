"""A vacancy's interviews as staff see them, and an appointment as a calendar takes it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.interviews import queries, rules
from services.ats.interviews.bookings import reach_booking
from services.ats.interviews.models import InterviewSlot
from services.ats.interviews.schemas import BookingRead, InterviewsRead, RoundRead, SlotRead
from services.ats.interviews.states import BookingState
from services.ats.vacancies.queries import get_vacancy
from shared.calendar_files import CalendarEntry
from shared.principals import Principal


async def present_interviews(session: AsyncSession, vacancy_id: UUID) -> InterviewsRead:
    """Raises VacancyNotFound."""
    vacancy = await get_vacancy(session, vacancy_id)
    rounds = await queries.rounds_of(session, vacancy.id)
    slots = await queries.slots_of(session, vacancy.id)
    members = await queries.members_of(session, [each.id for each in slots])
    return InterviewsRead(
        rounds=[RoundRead.model_validate(each) for each in rounds],
        slots=[present_slot(each, members) for each in slots],
        invited=dict(await queries.invited_to(session, [each.id for each in rounds])),
        bookings=[
            BookingRead.model_validate(booking) for booking, _ in await queries.bookings_for(session, vacancy.id)
        ],
    )


def present_slot(slot: InterviewSlot, members: Mapping[UUID, list[UUID]]) -> SlotRead:
    return SlotRead(
        id=slot.id,
        vacancy_id=slot.vacancy_id,
        round_id=slot.round_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        place=slot.place,
        video_url=slot.video_url,
        room=slot.room,
        capacity=slot.capacity,
        taken=slot.taken,
        panel=members.get(slot.id, []),
        cancelled_at=slot.cancelled_at,
    )


async def present_one_slot(session: AsyncSession, slot: InterviewSlot) -> SlotRead:
    return present_slot(slot, await queries.members_of(session, [slot.id]))


async def calendar_entry_of(session: AsyncSession, booking_id: UUID, caller: Principal) -> CalendarEntry:
    """For a calendar: the candidate's names the employer's job, the staff's the application by its reference.

    Raises BookingNotFound.
    """
    application = await get_application(session, await reach_booking(session, booking_id, caller))
    booking = await queries.get_booking(session, booking_id)
    slot = await queries.get_slot(session, booking.slot_id)
    vacancy = await get_vacancy(session, booking.vacancy_id)
    is_own = caller.subject_id is not None
    return CalendarEntry(
        uid=booking.id,
        sequence=booking.sequence,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        summary=f"Interview: {vacancy.title}" + ("" if is_own else f" ({application.reference})"),
        place=rules.where(slot),
        url=slot.video_url or "",
        stamped_at=booking.changed_at,
        is_cancelled=booking.state is BookingState.CANCELLED,
    )
