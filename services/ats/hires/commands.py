"""Every command locks the vacancy first, then the application, then the hire."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application
from services.ats.applications.states import ApplicationAction
from services.ats.applications.telling import audit_application, log_application
from services.ats.audit.actor import Actor
from services.ats.checks import setting_out
from services.ats.hires import queries, rules
from services.ats.hires.models import Hire
from services.ats.hires.schemas import Leaving
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers.standing import lock_application
from services.ats.vacancies import openings
from services.ats.vacancies import queries as vacancy_queries
from services.ats.vacancies.announcing import announce
from services.ats.vacancies.models import Vacancy
from shared import outbox
from shared.calendar import local_date, start_of_local_day
from shared.etag import refuse_stale
from shared.events.applications import CandidateHired, StartConfirmed


async def hire_candidate(
    session: AsyncSession,
    application_id: UUID,
    *,
    starts_on: date | None,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Application:
    """Fill the opening. Its vacancy is filled with its last one.

    Raises StageNotReachable, NoOpeningLeft, ChecksMissing where one has failed or run out since.
    """
    vacancy, application = await lock_application(session, application_id, ApplicationAction.HIRE, expected)
    first_day = starts_on or application.starts_on or local_date(now)
    await setting_out.refuse_unchecked(session, vacancy, application, first_day)
    opening = openings.fill_opening(vacancy, application.id, route=application.route, starts_on=first_day)
    application_rules.move(application, ApplicationAction.HIRE, now)
    application.opening_no, application.starts_on = opening.opening_no, first_day
    await _keep_hire(session, application, opening.opening_no, first_day, actor=actor, now=now)
    audit_application(session, application, "candidate_hired", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    told = CandidateHired(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        opening_no=opening.opening_no,
        route=application.route,
        starts_on=first_day,
    )
    await outbox.record(session, told, now=now)
    return application


async def _keep_hire(
    session: AsyncSession, application: Application, opening_no: int, first_day: date, *, actor: Actor, now: datetime
) -> None:
    """With its entries of the hiring log, so that they can be corrected."""
    hired = log_application(session, application, HiringEvent.HIRED, at=now, actor=actor)
    started = log_application(session, application, HiringEvent.STARTED, at=start_of_local_day(first_day), actor=actor)
    await session.flush()
    hire = Hire(
        employer_id=application.employer_id,
        vacancy_id=application.vacancy_id,
        application_id=application.id,
        opening_no=opening_no,
        route=application.route,
        starts_on=first_day,
        hired_at=now,
        hired_by=actor.id,
        hired_log_id=hired.id,
        started_log_id=started.id,
    )
    session.add(hire)


async def confirm_start(
    session: AsyncSession,
    application_id: UUID,
    started_on: date | None,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Hire:
    """They came. Where it was another day than agreed, the clock is corrected. `expected` is the hire's version.

    Raises ApplicationNotFound, HireNotFound, StaleVersion, StartConfirmed, StartAhead.
    """
    vacancy, application, hire = await lock_hire(session, application_id, expected)
    day = started_on or hire.starts_on
    is_another_day = day != hire.starts_on or hire.started_log_id is None
    rules.confirm_start(hire, day, confirmed_by=actor.id, today=local_date(now), now=now)
    if is_another_day:
        application.starts_on = day
        await _correct_start(session, application, hire, actor=actor)
        openings.note_start(vacancy, application.id, day)
        await announce(session, vacancy, now=now)
    application.version += 1
    audit_application(session, application, "start_confirmed", actor=actor, at=now)
    confirmed = StartConfirmed(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        opening_no=hire.opening_no,
        started_on=day,
    )
    await outbox.record(session, confirmed, now=now)
    return hire


async def _correct_start(session: AsyncSession, application: Application, hire: Hire, *, actor: Actor) -> None:
    """The first day takes the place of the one that the log has, or stands where a no-show took that back."""
    step = Step(
        application.employer_id,
        application.vacancy_id,
        opening_no=hire.opening_no,
        application_id=application.id,
        route=application.route,
        corrects_id=hire.started_log_id,
    )
    entry = append(session, HiringEvent.STARTED, step, occurred_at=start_of_local_day(hire.starts_on), actor=actor)
    await session.flush()
    hire.started_log_id = entry.id


async def record_leaving(
    session: AsyncSession,
    application_id: UUID,
    leaving: Leaving,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Hire:
    """Raises ApplicationNotFound, HireNotFound, StaleVersion, StartNotConfirmed, LeftBeforeTheStart, LeavingAhead."""
    _, application, hire = await lock_hire(session, application_id, expected)
    rules.record_leaving(hire, leaving.left_on, leaving.reason_code, local_date(now))
    audit_application(session, application, "leaving_recorded", actor=actor, at=now, reason=leaving.reason_code.value)
    return hire


async def lock_hire(
    session: AsyncSession, application_id: UUID, expected: int | None = None
) -> tuple[Vacancy, Application, Hire]:
    """The hire in force. Raises ApplicationNotFound, HireNotFound, StaleVersion."""
    vacancy_id = await application_queries.vacancy_of(session, application_id)
    vacancy = await vacancy_queries.get_vacancy(session, vacancy_id, lock=True)
    application = await application_queries.get_application(session, application_id, lock=True)
    hire = await queries.get_hire(session, application_id, lock=True)
    if hire.undone_at is not None:
        raise queries.HireNotFound(next_step="It was taken back.")
    refuse_stale(expected, hire.version)
    return vacancy, application, hire
