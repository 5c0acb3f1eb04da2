"""Whoever has left the selection frees their interview: due work, whichever way the application ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, RejectionEntry
from services.ats.applications.queries import get_application
from services.ats.applications.states import ENDED, Stage
from services.ats.applications.telling import audit_application
from services.ats.audit.actor import SYSTEM
from services.ats.interviews import queries
from services.ats.interviews.bookings import free_place
from services.ats.interviews.models import InterviewBooking, InterviewSlot
from services.ats.interviews.states import BookingState, CancelReason
from services.ats.interviews.telling import Appointment, tell_cancelled
from services.ats.vacancies.queries import watch_vacancy
from shared.due_rows import do_each, not_held_back

BATCH = 100


async def release_places(session: AsyncSession, now: datetime) -> int:
    """Due work: cancel interviews still to come of applications that have ended. A rejection counts once it is told:
    nobody learns of it from a cancelled interview.
    """
    untold = exists(RejectionEntry.id).where(
        RejectionEntry.application_id == Application.id,
        RejectionEntry.told_at.is_(None),
        RejectionEntry.undone_at.is_(None),
    )
    has_left = or_(Application.stage.in_(ENDED - {Stage.REJECTED}), and_(Application.stage == Stage.REJECTED, ~untold))
    due = (
        select(InterviewBooking.id)
        .join(Application, Application.id == InterviewBooking.application_id)
        .join(InterviewSlot, InterviewSlot.id == InterviewBooking.slot_id)
        .where(
            InterviewBooking.state == BookingState.BOOKED,
            InterviewSlot.starts_at > now,
            has_left,
            not_held_back(release_places, InterviewBooking.id),
        )
        .order_by(InterviewSlot.starts_at, InterviewBooking.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def release_one(booking_id: UUID) -> None:
        await _release(session, booking_id, now=now)

    return await do_each(session, release_places, ids, release_one)


async def _release(session: AsyncSession, booking_id: UUID, *, now: datetime) -> None:
    """The application has ended, so nobody comes. It says so of no time any more: who is taken back chooses another."""
    found = await queries.get_booking(session, booking_id)
    vacancy = await watch_vacancy(session, found.vacancy_id)
    application = await get_application(session, found.application_id, lock=True)
    slot = await queries.get_slot(session, found.slot_id, lock=True)
    booking = await queries.get_booking(session, booking_id, lock=True)
    if vacancy is None or booking.state is not BookingState.BOOKED:
        return
    interviews = await queries.get_round(session, booking.round_id)
    free_place(booking, slot, CancelReason.APPLICATION_ENDED, now)
    if application.interviewed_at is None:
        application.interview_at, application.interview_place = None, None
        application.version += 1
    made = Appointment(vacancy, application, interviews, slot, booking)
    audit_application(session, application, "interview_cancelled", actor=SYSTEM, at=now, reason="application_ended")
    await tell_cancelled(session, made, CancelReason.APPLICATION_ENDED, now=now)
    await session.flush()
