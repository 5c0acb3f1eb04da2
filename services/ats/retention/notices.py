"""Telling candidates that they are forgotten soon, so that they can fetch what they want to keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.queries import get_application, vacancy_of
from services.ats.applications.telling import tell_with_link
from services.ats.retention import queries
from services.ats.retention.models import RetentionNotice
from services.ats.retention.rules import Terms
from services.ats.retention.states import RecordKind
from services.ats.vacancies.queries import get_vacancy
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.events.applications import RetentionNoticeGiven

BATCH = 50
OWN_DATA = "/my-data"


async def give_notice(
    session: AsyncSession, employer_id: UUID, kind: RecordKind, terms: Terms, *, now: datetime
) -> int:
    """Tell some of those whose time ends within the days of notice; each is told once. How many were tried."""
    today = local_date(now)
    due = queries.untold(employer_id, kind, terms, today).where(not_held_back(give_notice, Application.id))
    ids = (await session.scalars(due.limit(BATCH).with_for_update(of=Application, skip_locked=True))).all()

    async def tell_one(application_id: UUID) -> None:
        application = await get_application(session, application_id)
        vacancy = await get_vacancy(session, await vacancy_of(session, application_id))
        session.add(RetentionNotice(employer_id=employer_id, told_on=today, application_id=application_id))
        told = RetentionNoticeGiven(
            application_id=application_id,
            vacancy_id=vacancy.id,
            employer_id=employer_id,
            vacancy_title=vacancy.title,
            kept_until=today + timedelta(days=terms.notice_days),
        )
        await tell_with_link(session, application, told, now=now, path=OWN_DATA)

    return await do_each(session, give_notice, ids, tell_one)
