"""A candidate's own interviews, as their link shows them: what they may book, and what they have booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.queries import ApplicationNotFound, get_application
from services.ats.interviews import queries, rules
from services.ats.interviews.models import InterviewBooking, InterviewRound, InterviewSlot
from services.ats.interviews.schemas import OwnBooking, OwnInterviews, OwnRound, OwnSlot
from services.ats.panels.queries import get_panel
from services.ats.vacancies.queries import get_vacancy
from shared.principals import Principal
from shared.registry import get_employer


async def own_interviews(session: AsyncSession, caller: Principal, now: datetime) -> OwnInterviews:
    """Raises ApplicationNotFound."""
    if caller.subject_id is None:
        raise ApplicationNotFound
    await reach_employer(session, caller.subject_id, caller)
    application = await get_application(session, caller.subject_id)
    vacancy = await get_vacancy(session, application.vacancy_id)
    employer = await get_employer(session, application.employer_id)
    asked = await queries.find_adjustments(session, application.id)
    booked = {each.round_id: each for each in await queries.bookings_of(session, application.id)}
    slots = await queries.slots_of(session, vacancy.id)
    free = await _free_for(session, application, slots, now)
    return OwnInterviews(
        application_id=application.id,
        vacancy_title=vacancy.title,
        employer_name=employer.title,
        adjustments="" if asked is None else asked.words,
        rounds=[
            OwnRound(
                id=each.id,
                title=each.title,
                booking=_own_booking(each, booked.get(each.id), slots, now),
                slots=[_own_slot(slot) for slot in free if slot.round_id == each.id],
            )
            for each in await queries.rounds_open_to(session, application.id)
        ],
    )


async def _free_for(
    session: AsyncSession, application: Application, slots: Sequence[InterviewSlot], now: datetime
) -> list[InterviewSlot]:
    """Those still to come with a place left, where nobody has declared a conflict about this candidate."""
    panel = await get_panel(session, application.vacancy_id)
    members = await queries.members_of(session, [each.id for each in slots])
    return [
        each
        for each in slots
        if each.cancelled_at is None
        and each.starts_at > now
        and each.taken < each.capacity
        and rules.is_offered(panel, members.get(each.id, []), application.id)
    ]


def _own_slot(slot: InterviewSlot) -> OwnSlot:
    return OwnSlot(id=slot.id, starts_at=slot.starts_at, ends_at=slot.ends_at, place=rules.where(slot))


def _own_booking(
    interviews: InterviewRound, booking: InterviewBooking | None, slots: Sequence[InterviewSlot], now: datetime
) -> OwnBooking | None:
    slot = None if booking is None else next((each for each in slots if each.id == booking.slot_id), None)
    if booking is None or slot is None:
        return None
    until = rules.change_until(interviews, slot)
    return OwnBooking(
        id=booking.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        place=rules.where(slot),
        video_url=slot.video_url,
        change_until=until,
        may_move=now <= until and now < slot.starts_at,
    )
