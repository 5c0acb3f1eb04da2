"""Writing to a referee: a link of twelve weeks, a reminder after each week, and what makes a link void."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import CandidateContact
from services.ats.applications.queries import get_application, get_contact
from services.ats.employment_references import queries
from services.ats.employment_references.models import ReferenceRequest, ReferenceState
from services.ats.vacancies.models import VacancyAlert
from services.ats.vacancies.queries import get_vacancy
from shared import outbox
from shared.addresses import public_url
from shared.database import enter
from shared.due_rows import do_each, not_held_back
from shared.events.base import Contact
from shared.events.references import RefereeContact, ReferenceExpired, ReferenceWanted
from shared.links import end_link_sessions_of, issue_link, link_url, revoke_links
from shared.registry import find_staff
from shared.tenancy import REGION, Tenancy
from shared.vocabulary import Service

LINK_PURPOSE = "referee"
LINK_LIFE = timedelta(weeks=12)
REMINDED_AFTER = timedelta(days=7)
MOST_REMINDERS = 3
BATCH = 100


async def write_to_referee(session: AsyncSession, reference: ReferenceRequest, *, now: datetime) -> None:
    """Ask with a new link for twelve weeks; every link before is void."""
    reference.state = ReferenceState.REQUESTED
    reference.requested_at, reference.link_expires_at = now, now + LINK_LIFE
    reference.reminders_sent, reference.next_reminder_at = 0, now + REMINDED_AFTER
    await send_link(session, reference, now=now)


async def send_link(session: AsyncSession, reference: ReferenceRequest, *, now: datetime) -> None:
    """A new link that ends when the first would. Nobody is written to about somebody who was erased."""
    contact: CandidateContact | None = await get_contact(session, reference.application_id)
    if contact is None or reference.link_expires_at is None:
        return
    await revoke_links(session, reference.id, now=now, purpose=LINK_PURPOSE)
    token = await issue_link(
        session,
        purpose=LINK_PURPOSE,
        subject_id=reference.id,
        employer_id=reference.employer_id,
        expires_at=reference.link_expires_at,
    )
    vacancy = await get_vacancy(session, reference.vacancy_id)
    wanted = ReferenceWanted(
        reference_id=reference.id,
        application_id=reference.application_id,
        vacancy_id=reference.vacancy_id,
        employer_id=reference.employer_id,
        vacancy_title=vacancy.title,
        reminder_no=reference.reminders_sent,
        expires_at=reference.link_expires_at,
    )
    sealed = RefereeContact(
        name=reference.referee_name,
        email=reference.referee_email,
        link=link_url(public_url(Service.ATS), token),
        candidate_name=contact.name,
    )
    await outbox.record(session, wanted, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def refuse_referee_link(session: AsyncSession, reference: ReferenceRequest, *, now: datetime) -> None:
    """Whatever link is out there opens nothing from now on, and whoever had opened one is out.

    Sessions behind links are nobody's rows but the region's: the transaction reaches them for this alone.
    """
    await session.flush()
    await enter(session, REGION)
    await revoke_links(session, reference.id, now=now, purpose=LINK_PURPOSE)
    await end_link_sessions_of(session, reference.id)
    await enter(session, Tenancy.of([reference.employer_id]))


async def remind_referees(session: AsyncSession, now: datetime) -> int:
    """Due work: once a week, three times at most, while the link lives. Overtaken reminders come as one."""
    due = select(ReferenceRequest.id).where(
        ReferenceRequest.state == ReferenceState.REQUESTED,
        ReferenceRequest.next_reminder_at <= now,
        not_held_back(remind_referees, ReferenceRequest.id),
    )
    ids = (
        await session.scalars(due.order_by(ReferenceRequest.next_reminder_at, ReferenceRequest.id).limit(BATCH))
    ).all()

    async def remind(reference_id: UUID) -> None:
        reference = await queries.get_reference(session, reference_id, lock=True)
        if reference.next_reminder_at is None or reference.next_reminder_at > now:
            return
        ends_at = reference.link_expires_at
        if reference.state is not ReferenceState.REQUESTED or ends_at is None or ends_at <= now:
            reference.next_reminder_at = None
            return
        reference.reminders_sent += 1
        is_last = reference.reminders_sent >= MOST_REMINDERS
        reference.next_reminder_at = None if is_last else now + REMINDED_AFTER
        await send_link(session, reference, now=now)

    return await do_each(session, remind_referees, ids, remind)


async def end_unanswered_references(session: AsyncSession, now: datetime) -> int:
    """Due work: after twelve weeks a request is over. Its employer is alerted, and whoever asked is told."""
    due = select(ReferenceRequest.id).where(
        ReferenceRequest.state == ReferenceState.REQUESTED,
        ReferenceRequest.link_expires_at <= now,
        not_held_back(end_unanswered_references, ReferenceRequest.id),
    )
    ids = (
        await session.scalars(due.order_by(ReferenceRequest.link_expires_at, ReferenceRequest.id).limit(BATCH))
    ).all()

    async def end(reference_id: UUID) -> None:
        reference = await queries.get_reference(session, reference_id, lock=True)
        ended_at = reference.link_expires_at
        if reference.state is not ReferenceState.REQUESTED or ended_at is None or ended_at > now:
            return
        reference.state, reference.next_reminder_at = ReferenceState.EXPIRED, None
        reference.version += 1
        alert = VacancyAlert(
            employer_id=reference.employer_id,
            vacancy_id=reference.vacancy_id,
            code="reference_expired",
            raised_at=ended_at,
            about_id=reference.id,
        )
        session.add(alert)
        await _tell_asker(session, reference, at=ended_at)

    return await do_each(session, end_unanswered_references, ids, end)


async def _tell_asker(session: AsyncSession, reference: ReferenceRequest, *, at: datetime) -> None:
    person = None if reference.made_by is None else await find_staff(session, reference.made_by)
    if person is None:
        return
    expired = ReferenceExpired(
        reference_id=reference.id,
        application_id=reference.application_id,
        vacancy_id=reference.vacancy_id,
        employer_id=reference.employer_id,
        asker_id=person.id,
        vacancy_title=(await get_vacancy(session, reference.vacancy_id)).title,
        candidate_reference=(await get_application(session, reference.application_id)).reference,
    )
    contact = Contact(name=person.name, email=person.email)
    await outbox.record(session, expired, now=at, sealed={Service.NOTIFICATIONS: contact})
