"""Due work of the talent pool: invitations on their way, the question before the end, and the end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.ats.applications.models import Application, PoolMember
from services.ats.applications.pooling import ASKED_BEFORE, tell_pool_link
from services.ats.applications.queries import get_application
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.posting import page_url
from services.ats.talent_pool import queries
from services.ats.talent_pool.models import PoolInvitation
from services.ats.talent_pool.telling import leave_link
from services.ats.vacancies.queries import get_vacancy
from shared import outbox
from shared.due_rows import do_each, not_held_back
from shared.events.talent_pool import PoolContact, TalentPoolInvited
from shared.vocabulary import Service

BATCH = 100


async def send_pool_invitations(session: AsyncSession, now: datetime) -> int:
    """Due work: write to each who was invited, unless the advert has ended, or they have applied, or were written to
    for this vacancy as a member with another employer. That it was looked at is all that is kept.
    """
    due = (
        select(PoolInvitation.id)
        .where(PoolInvitation.settled_at.is_(None), not_held_back(send_pool_invitations, PoolInvitation.id))
        .order_by(PoolInvitation.invited_at, PoolInvitation.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def send_one(invitation_id: UUID) -> None:
        invitation = await session.get_one(PoolInvitation, invitation_id, with_for_update=True, populate_existing=True)
        if invitation.settled_at is None:
            invitation.settled_at = now
            await _send(session, invitation, now=now)

    return await do_each(session, send_pool_invitations, ids, send_one)


async def _send(session: AsyncSession, invitation: PoolInvitation, *, now: datetime) -> None:
    job = await session.get(PublishedJob, invitation.vacancy_id, populate_existing=True)
    member = await session.get_one(PoolMember, invitation.member_id)
    application = await get_application(session, member.application_id)
    contact = application.contact
    if job is None or job.closes_at <= now or contact is None:
        return
    if await queries.has_applied(session, job.id, application.person_key):
        return
    if await _was_written_to(session, invitation, application.person_key):
        return
    sealed = PoolContact(
        name=contact.name,
        email=contact.email,
        link=page_url(job.id),
        unsubscribe_link=leave_link(member.id),
        vacancy_title=job.title,
        employer=job.employer_name,
    )
    invited = TalentPoolInvited(member_id=member.id, closes_at=job.closes_at)
    await outbox.record(session, invited, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def _was_written_to(session: AsyncSession, invitation: PoolInvitation, person_key: str) -> bool:
    """As a member with another employer, whose invitation to the same vacancy was looked at before."""
    other, member = aliased(PoolInvitation), aliased(PoolMember)
    before = (
        select(other.id)
        .join(member, member.id == other.member_id)
        .join(Application, Application.id == member.application_id)
        .where(
            other.vacancy_id == invitation.vacancy_id,
            other.id != invitation.id,
            other.settled_at.is_not(None),
            Application.person_key == person_key,
        )
    )
    return await session.scalar(before.limit(1)) is not None


async def ask_to_stay_in_pool(session: AsyncSession, now: datetime) -> int:
    """Due work: whoever is forgotten in a month is asked, once, whether to stay."""
    due = (
        select(PoolMember.id)
        .where(
            PoolMember.keep_asked_at.is_(None),
            PoolMember.kept_until <= now + ASKED_BEFORE,
            PoolMember.kept_until > now,
            not_held_back(ask_to_stay_in_pool, PoolMember.id),
        )
        .order_by(PoolMember.kept_until, PoolMember.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def ask(member_id: UUID) -> None:
        member = await session.get_one(PoolMember, member_id, with_for_update=True, populate_existing=True)
        if member.keep_asked_at is not None:
            return
        member.keep_asked_at = now
        application = await get_application(session, member.application_id)
        vacancy = await get_vacancy(session, application.vacancy_id)
        await tell_pool_link(session, application, vacancy, "keep", until=member.kept_until, now=now)

    return await do_each(session, ask_to_stay_in_pool, ids, ask)


async def forget_pool_members(session: AsyncSession, now: datetime) -> int:
    """Due work: who did not say that they stay is gone with their year."""
    over = select(PoolMember.id).where(PoolMember.kept_until <= now).order_by(PoolMember.kept_until, PoolMember.id)
    gone = (await session.scalars(over.limit(BATCH).with_for_update(skip_locked=True))).all()
    await session.execute(delete(PoolMember).where(PoolMember.id.in_(gone)))
    return len(gone)
