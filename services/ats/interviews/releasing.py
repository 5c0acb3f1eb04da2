"""Whoever has left the selection frees their interview: due work, whichever way the application ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, RejectionEntry
from services.ats.applications.states import ENDED, Stage
from services.ats.audit.actor import SYSTEM
from services.ats.interviews.bookings import release_place
from services.ats.interviews.models import InterviewBooking, InterviewSlot
from services.ats.interviews.states import BookingState
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
        await release_place(session, booking_id, actor=SYSTEM, now=now)

    return await do_each(session, release_places, ids, release_one)
