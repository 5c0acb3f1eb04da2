"""Due work of drafts: a word before the closing, and their end some days after it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Date, cast, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.drafts import queries, rules
from services.ats.drafts.models import ApplicationDraft
from services.ats.drafts.telling import send_link
from services.ats.selection_policy.models import SelectionPolicy
from services.ats.selection_policy.schemas import PolicyTerms
from services.ats.vacancies.models import Vacancy
from shared.calendar import LONDON
from shared.due_rows import do_each, not_held_back
from shared.links import link_sessions, signed_links
from shared.vocabulary import VacancyState

BATCH = 100


async def remind_of_drafts(session: AsyncSession, now: datetime) -> int:
    """Due work: who has not sent their draft two days before the closing gets a link to it, once."""
    due = (
        select(ApplicationDraft.id)
        .join(Vacancy, Vacancy.id == ApplicationDraft.vacancy_id)
        .where(
            ApplicationDraft.application_id.is_(None),
            ApplicationDraft.reminded_at.is_(None),
            ApplicationDraft.saved_at <= now - rules.UNTOUCHED_FOR,
            Vacancy.state == VacancyState.LIVE,
            Vacancy.closes_at > now,
            Vacancy.closes_at <= now + rules.REMINDED_BEFORE,
            not_held_back(remind_of_drafts, ApplicationDraft.id),
        )
        .order_by(Vacancy.closes_at, ApplicationDraft.id)
    )

    async def remind(draft_id: UUID) -> None:
        query = select(ApplicationDraft).where(ApplicationDraft.id == draft_id).with_for_update()
        draft = await session.scalar(query.execution_options(populate_existing=True))
        if draft is None:
            return
        job = await queries.advert_of(session, draft.vacancy_id, now=now)
        if rules.is_to_be_reminded(draft, job.closes_at, now):
            draft.reminded_at = now
            await send_link(session, draft, job, "reminder", now=now)

    return await do_each(session, remind_of_drafts, (await session.scalars(due.limit(BATCH))).all(), remind)


async def forget_drafts(session: AsyncSession, now: datetime) -> int:
    """Due work: a draft is deleted some days after the closing, by the policy of that day, with its links.

    Of what was sent nothing is in it but which application it became; that goes too.
    """
    closing_day = cast(func.timezone(str(LONDON), Vacancy.closes_at), Date)
    in_force = (
        select(SelectionPolicy.drafts_kept_days)
        .where(SelectionPolicy.employer_id == ApplicationDraft.advertiser_id, SelectionPolicy.valid_from <= closing_day)
        .order_by(SelectionPolicy.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    days = func.coalesce(in_force, PolicyTerms().drafts_kept_days)
    due = (
        select(ApplicationDraft.id)
        .join(Vacancy, Vacancy.id == ApplicationDraft.vacancy_id)
        .where(Vacancy.closes_at + func.make_interval(0, 0, 0, days) <= now)
        .limit(BATCH)
    )
    gone = (await session.scalars(due.with_for_update(of=ApplicationDraft, skip_locked=True))).all()
    if gone:
        await session.execute(delete(signed_links).where(signed_links.c.subject_id.in_(gone)))
        await session.execute(delete(link_sessions).where(link_sessions.c.subject_id.in_(gone)))
        await session.execute(delete(ApplicationDraft).where(ApplicationDraft.id.in_(gone)))
    return len(gone)
