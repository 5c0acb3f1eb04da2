"""When a vacancy has ended, who still waits for an answer gets one: due work, whichever way the vacancy ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries, rules
from services.ats.applications.models import Application, RejectionEntry
from services.ats.applications.states import WAITING, ApplicationAction, ApplicationSource, RejectionReason
from services.ats.applications.telling import audit_application, tell
from services.ats.audit.actor import SYSTEM
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import watch_vacancy
from shared.due_rows import do_each, not_held_back
from shared.events.applications import ApplicationClosed

BATCH = 100


async def close_waiting_applications(session: AsyncSession, now: datetime) -> int:
    """Due work: close each application that still waits for a vacancy that has ended, and tell its candidate.

    Referred redeployees are told by clearing. An application is dated with the vacancy's end.
    """
    waiting = (
        Application.vacancy_id == Vacancy.id,
        Application.stage.in_(WAITING),
        Application.source != ApplicationSource.CLEARING,
    )
    due = (
        select(Application.id)
        .join(Vacancy, Application.vacancy_id == Vacancy.id)
        .where(
            Vacancy.candidates_untold_since <= now,
            *waiting,
            not_held_back(close_waiting_applications, Application.id),
        )
        .order_by(Vacancy.candidates_untold_since, Application.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def close_one(application_id: UUID) -> None:
        await _close(session, application_id, now=now)

    tried = await do_each(session, close_waiting_applications, ids, close_one)
    if not tried:
        nobody_waits = ~exists(Application.id).where(*waiting)
        told = update(Vacancy).where(Vacancy.candidates_untold_since <= now, nobody_waits)
        await session.execute(
            told.values(candidates_untold_since=None), execution_options={"synchronize_session": False}
        )
    return tried


async def _close(session: AsyncSession, application_id: UUID, *, now: datetime) -> None:
    vacancy = await watch_vacancy(session, await queries.vacancy_of(session, application_id))
    application = await queries.get_application(session, application_id, lock=True)
    if vacancy is None or vacancy.candidates_untold_since is None or application.stage not in WAITING:
        return
    at = max(min(vacancy.candidates_untold_since, now), application.stage_entered_at)
    reason = rules.REASONS_OF_THE_END[vacancy.state]
    entry = RejectionEntry(
        employer_id=application.employer_id,
        application_id=application.id,
        from_stage=application.stage,
        decided_at=at,
        tell_at=at,
        told_at=at,
    )
    session.add(entry)
    rules.move(application, ApplicationAction.REJECT, at)
    application.rejection_reason, application.decided_at = RejectionReason(reason), at
    audit_application(session, application, "application_closed", actor=SYSTEM, at=at, reason=reason)
    closed = ApplicationClosed(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        reason=reason,
    )
    entry.event_id = await tell(session, application, closed, now=at)
