"""What the members of a panel are told of the interviews they hold: each by the candidate's reference."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.interviews import queries, rules
from services.ats.interviews.models import InterviewBooking, InterviewSlot
from services.ats.vacancies.models import Vacancy
from shared import outbox
from shared.database import reaching
from shared.events.interviews import PanelContact, PanelInterviewCancelled, PanelInterviewSet
from shared.registry import StaffMember, find_staff
from shared.tenancy import REGION
from shared.vocabulary import Service


async def members_in(session: AsyncSession, slot: InterviewSlot) -> frozenset[UUID]:
    return frozenset((await queries.members_of(session, [slot.id])).get(slot.id, ()))


async def tell_panel(
    session: AsyncSession,
    about: tuple[Vacancy, Application],
    slot: InterviewSlot,
    booking: InterviewBooking,
    *,
    sitting: Collection[UUID],
    leaving: Collection[UUID] = (),
    now: datetime,
) -> None:
    """Who sits in the slot has the interview; who was to hold it and does not sit there has it no more.

    A member may work for another council, so they are looked up in the whole region.
    """
    told = frozenset(sitting) | frozenset(leaving)
    if not told:
        return
    async with reaching(session, REGION):
        found = [await find_staff(session, each) for each in sorted(told)]
    for person in found:
        if person is not None and person.is_active:
            kind = PanelInterviewSet if person.id in sitting else PanelInterviewCancelled
            await _tell(session, kind, person, about, slot, booking, now=now)


async def _tell(
    session: AsyncSession,
    kind: type[PanelInterviewSet | PanelInterviewCancelled],
    person: StaffMember,
    about: tuple[Vacancy, Application],
    slot: InterviewSlot,
    booking: InterviewBooking,
    *,
    now: datetime,
) -> None:
    vacancy, application = about
    told = kind(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        member_id=person.id,
        appointment_id=uuid5(booking.id, str(person.id)),
        sequence=booking.sequence,
        vacancy_title=vacancy.title,
        candidate_reference=application.reference,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        place=rules.where(slot),
    )
    sealed = PanelContact(name=person.name, email=person.email, video_url=slot.video_url or "")
    await outbox.record(session, told, now=now, sealed={Service.NOTIFICATIONS: sealed})
