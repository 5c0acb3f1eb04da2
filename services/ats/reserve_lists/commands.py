"""Every command locks the vacancy first, and with it the order of its list, then the application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.commands import load_for, note_interview
from services.ats.applications.models import Application
from services.ats.applications.rejecting import take_interview_back
from services.ats.applications.states import ApplicationAction, Stage
from services.ats.applications.telling import audit_application, tell
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.reserve_lists import queries, rules
from services.ats.reserve_lists.models import EndedHow, ReserveEntry
from services.ats.selection_policy.queries import terms_in_force
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy
from services.ats.vacancies.rules import note_end
from shared.calendar import local_date
from shared.events.reserve_lists import ReserveListed, ReserveListingUndone


async def reserve_application(
    session: AsyncSession,
    application_id: UUID,
    *,
    rank: int | None = None,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Application:
    """They could do the job. They hear of it after the employer's delay, as who is rejected does.

    How long the list holds is the policy of the day. Raises StageNotReachable, DecidedInClearing, IllegalMove.
    """
    vacancy, application = await _lock(session, application_id, ApplicationAction.RESERVE, expected)
    application_rules.refuse_outside_selection(vacancy)
    noted = note_interview(session, application, actor=actor, now=now)
    terms = await terms_in_force(session, vacancy.employer_id, today=local_date(now))
    await session.flush()
    entry = ReserveEntry(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        application_id=application.id,
        rank=rules.make_room(await queries.standing_entries(session, vacancy.id), rank),
        listed_at=now,
        listed_by=actor.id,
        until=rules.kept_until(local_date(now), terms.reserve_list_months),
        tell_at=now + timedelta(minutes=terms.rejection_delay_minutes),
        interview_log_id=None if noted is None else noted.id,
    )
    session.add(entry)
    application_rules.move(application, ApplicationAction.RESERVE, now)
    application.decided_by, application.decided_at = actor.id, now
    audit_application(session, application, "application_reserve_listed", actor=actor, at=now)
    if entry.tell_at <= now:
        await tell_listed(session, vacancy, application, entry)
    return application


async def take_off_reserve_list(
    session: AsyncSession, application_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Application:
    """Back to where they were before. Who was not told yet never is. Where the vacancy has ended, they now wait for
    the answer that everybody else had. Raises StageNotReachable, DecidedInClearing.
    """
    vacancy, application = await _lock(session, application_id, ApplicationAction.TAKE_OFF_RESERVE_LIST, expected)
    entry = await _leave(session, application, EndedHow.TAKEN_OFF, now)
    if entry.interview_log_id is not None:
        take_interview_back(session, application, entry.interview_log_id, actor=actor, now=now)
    application_rules.move(application, ApplicationAction.TAKE_OFF_RESERVE_LIST, now)
    application.decided_by, application.decided_at = actor.id, now
    audit_application(session, application, "application_taken_off_reserve_list", actor=actor, at=now)
    note_end(vacancy, now)
    if entry.told_at is not None and vacancy.candidates_untold_since is None:
        undone = ReserveListingUndone(
            application_id=application.id,
            vacancy_id=vacancy.id,
            employer_id=vacancy.employer_id,
            vacancy_title=vacancy.title,
        )
        await tell(session, application, undone, now=now)
    return application


async def reorder_reserve_list(
    session: AsyncSession, vacancy_id: UUID, wanted: Sequence[UUID], *, actor: Actor, now: datetime
) -> None:
    """Raises VacancyNotFound, OrderIncomplete."""
    vacancy = await get_vacancy(session, vacancy_id, lock=True)
    rules.put_in_order(await queries.standing_entries(session, vacancy_id), wanted)
    subject = Subject("vacancy", vacancy.id, vacancy.employer_id)
    write_audit(session, "reserve_list_reordered", subject, actor=actor, at=now)


async def leave_reserve_list(session: AsyncSession, application: Application, how: EndedHow, *, now: datetime) -> None:
    """For what ends a listing from elsewhere, before it moves the application: nothing for who is on no list."""
    if application.stage is Stage.RESERVE_LISTED:
        await _leave(session, application, how, now)


async def refuse_skipping(
    session: AsyncSession, application: Application, reason: str | None, *, actor: Actor, now: datetime
) -> None:
    """Before an offer to somebody on the list. Raises RankSkipped."""
    if application.stage is not Stage.RESERVE_LISTED:
        return
    standing = await queries.standing_entries(session, application.vacancy_id)
    entry = _own(standing, application)
    rules.refuse_skipping(standing, entry, reason)
    if entry.skip_reason is not None:
        audit_application(session, application, "reserve_rank_skipped", actor=actor, at=now)


async def tell_listed(session: AsyncSession, vacancy: Vacancy, application: Application, entry: ReserveEntry) -> None:
    entry.told_at = entry.tell_at
    listed = ReserveListed(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        until=entry.until,
    )
    await tell(session, application, listed, now=entry.tell_at)


async def _leave(session: AsyncSession, application: Application, how: EndedHow, at: datetime) -> ReserveEntry:
    """Raises NotOnReserveList."""
    standing = await queries.standing_entries(session, application.vacancy_id)
    entry = _own(standing, application)
    rules.leave(standing, entry, how, at)
    return entry


def _own(standing: Sequence[ReserveEntry], application: Application) -> ReserveEntry:
    """Raises NotOnReserveList."""
    entry = next((each for each in standing if each.application_id == application.id), None)
    if entry is None:
        raise queries.NotOnReserveList
    return entry


async def _lock(
    session: AsyncSession, application_id: UUID, action: ApplicationAction, expected: int | None
) -> tuple[Vacancy, Application]:
    """Raises ApplicationNotFound, StaleVersion, StageNotReachable, DecidedInClearing."""
    vacancy_id = await application_queries.vacancy_of(session, application_id)
    vacancy = await get_vacancy(session, vacancy_id, lock=True)
    return vacancy, await load_for(session, application_id, action, expected)
