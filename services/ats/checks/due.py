"""Due work of checks: one that runs out, is to be followed up, or whose waiver has ended is brought to its employer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.checks import queries, rules
from services.ats.checks.models import PreEmploymentCheck
from services.ats.checks.permitted import RECORDED_AT
from services.ats.checks.setting_out import note_outstanding
from services.ats.checks.states import CheckOutcome
from services.ats.vacancies.models import VacancyAlert
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back

BATCH = 100


async def raise_due_checks(session: AsyncSession, now: datetime) -> int:
    """Due work: an alert with notice, one on the day itself, and one when a waiver has ended."""
    today = local_date(now)
    due = select(PreEmploymentCheck.id).where(
        PreEmploymentCheck.due_on <= today, not_held_back(raise_due_checks, PreEmploymentCheck.id)
    )
    ids = (await session.scalars(due.order_by(PreEmploymentCheck.due_on, PreEmploymentCheck.id).limit(BATCH))).all()

    async def raise_one(check_id: UUID) -> None:
        found = await queries.get_check(session, check_id)
        application = await application_queries.get_application(session, found.application_id, lock=True)
        check = await queries.get_check(session, check_id, lock=True)
        if check.due_on is None or check.due_on > today:
            return
        check.due_on = rules.next_due(check, today)
        if application.stage not in RECORDED_AT or not check.is_required:
            return
        if check.outcome is not CheckOutcome.PASSED:
            code = "check_waiver_ended"
        else:
            code = "check_run_out" if not rules.is_settled(check, today) else "check_due_soon"
        alert = VacancyAlert(
            employer_id=check.employer_id, vacancy_id=check.vacancy_id, code=code, raised_at=now, about_id=check.id
        )
        session.add(alert)
        await note_outstanding(session, application, today)

    return await do_each(session, raise_due_checks, ids, raise_one)
