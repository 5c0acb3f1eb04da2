"""What a candidate, and with them the panel, is told of an interview: what only they need is sealed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.telling import LINK_LIFE, own_link, tell_with_link
from services.ats.interviews import rules
from services.ats.interviews.models import InterviewBooking, InterviewRound, InterviewSlot
from services.ats.interviews.panel_telling import members_in, tell_panel
from services.ats.interviews.states import CancelReason
from services.ats.vacancies.models import Vacancy
from shared import outbox
from shared.events.interviews import (
    ContactForInterview,
    InterviewBooked,
    InterviewBookingWanted,
    InterviewCancelled,
    InterviewMoved,
)
from shared.vocabulary import Service

OWN_PAGE = "/my-application/interviews"


@dataclass(frozen=True)
class Appointment:
    """A booking with all that stands around it."""

    vacancy: Vacancy
    application: Application
    interviews: InterviewRound
    slot: InterviewSlot
    booking: InterviewBooking


async def tell_of_round(
    session: AsyncSession, application: Application, vacancy: Vacancy, interviews: InterviewRound, *, now: datetime
) -> None:
    wanted = InterviewBookingWanted(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        round_title=interviews.title,
    )
    await tell_with_link(session, application, wanted, now=now, path=OWN_PAGE)


async def tell_booked(session: AsyncSession, made: Appointment, *, now: datetime) -> None:
    await _tell_when(session, made, InterviewBooked, now)
    await tell_panel_of(session, made, now=now)


async def tell_moved(
    session: AsyncSession, made: Appointment, *, panel_before: Collection[UUID] = (), now: datetime
) -> None:
    await _tell_when(session, made, InterviewMoved, now)
    await tell_panel_of(session, made, panel_before=panel_before, now=now)


async def tell_panel_of(
    session: AsyncSession, made: Appointment, *, panel_before: Collection[UUID] = (), now: datetime
) -> None:
    """Who sits in the slot, and of those who were to hold the interview before who does not."""
    sitting, about = await members_in(session, made.slot), (made.vacancy, made.application)
    leaving = frozenset(panel_before) - sitting
    await tell_panel(session, about, made.slot, made.booking, sitting=sitting, leaving=leaving, now=now)


async def _tell_when(
    session: AsyncSession, made: Appointment, kind: type[InterviewBooked | InterviewMoved], now: datetime
) -> None:
    contact = made.application.contact
    if contact is None:
        return
    link = await own_link(session, made.application, expires_at=now + LINK_LIFE, path=OWN_PAGE)
    told = kind(
        application_id=made.application.id,
        vacancy_id=made.vacancy.id,
        employer_id=made.vacancy.employer_id,
        booking_id=made.booking.id,
        sequence=made.booking.sequence,
        vacancy_title=made.vacancy.title,
        starts_at=made.slot.starts_at,
        ends_at=made.slot.ends_at,
        place=rules.where(made.slot),
        change_until=rules.change_until(made.interviews, made.slot),
    )
    sealed = ContactForInterview(
        name=contact.name,
        email=contact.email,
        link=link,
        video_url=made.slot.video_url or "",
    )
    await outbox.record(session, told, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def tell_cancelled(session: AsyncSession, made: Appointment, reason: CancelReason, *, now: datetime) -> None:
    told = InterviewCancelled(
        application_id=made.application.id,
        vacancy_id=made.vacancy.id,
        employer_id=made.vacancy.employer_id,
        booking_id=made.booking.id,
        sequence=made.booking.sequence,
        vacancy_title=made.vacancy.title,
        starts_at=made.slot.starts_at,
        ends_at=made.slot.ends_at,
        place=rules.where(made.slot),
        reason=reason.value,
        may_book_again=reason is not CancelReason.APPLICATION_ENDED,
    )
    await tell_with_link(session, made.application, told, now=now, path=OWN_PAGE)
    leaving, about = await members_in(session, made.slot), (made.vacancy, made.application)
    await tell_panel(session, about, made.slot, made.booking, sitting=(), leaving=leaving, now=now)
