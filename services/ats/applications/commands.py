from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries, rules
from services.ats.applications.models import Application
from services.ats.applications.schemas import InterviewInvitation
from services.ats.applications.states import ApplicationAction
from services.ats.applications.telling import audit_application, log_application, tell
from services.ats.audit.actor import Actor
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import lifecycle
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.announcing import announce, audit_vacancy, log_step
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound, watch_vacancy
from shared.etag import refuse_stale
from shared.events.applications import ApplicationShortlisted
from shared.events.interviews import InterviewInvited

ONE_PER_PERSON = "uq_applications_one_per_person"


def is_breach_of(error: IntegrityError, constraint: str) -> bool:
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) == constraint


async def load_for(
    session: AsyncSession, application_id: UUID, action: ApplicationAction, expected: int | None
) -> Application:
    """The application, locked. Raises ApplicationNotFound, StaleVersion, StageNotReachable, DecidedInClearing."""
    application = await queries.get_application(session, application_id, lock=True)
    refuse_stale(expected, application.version)
    rules.refuse_illegal(application, action)
    return application


async def shortlist_application(
    session: AsyncSession, application_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Application:
    """Put a candidate on the shortlist; they hear of it when the shortlist is confirmed.

    Raises StageNotReachable, IllegalMove, ClearanceMissing.
    """
    vacancy = await watch_vacancy(session, await queries.vacancy_of(session, application_id))
    application = await load_for(session, application_id, ApplicationAction.SHORTLIST, expected)
    if vacancy is None:
        raise VacancyNotFound
    rules.refuse_sifting(vacancy)
    rules.move(application, ApplicationAction.SHORTLIST, now)
    application.decided_by, application.decided_at = actor.id, now
    audit_application(session, application, "application_shortlisted", actor=actor, at=now)
    if vacancy.shortlist_confirmed_at is not None:
        await tell_shortlisted(session, application, vacancy, now=now)
    return application


async def confirm_shortlist(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Vacancy:
    """The shortlist is final and its people are told. It needs clearing's release (design section 4).

    Raises IllegalMove, ClearanceMissing, ShortlistConfirmed, NobodyShortlisted.
    """
    vacancy = await lifecycle.load_for(session, vacancy_id, VacancyAction.CONFIRM_SHORTLIST, expected)
    vacancy_rules.require_clearance(vacancy)
    if vacancy.shortlist_confirmed_at is not None:
        raise rules.ShortlistConfirmed
    chosen = await queries.shortlisted_untold(session, vacancy_id)
    if not chosen:
        raise rules.NobodyShortlisted(next_step="Shortlist somebody, or mark the vacancy as unfilled.")
    vacancy.shortlist_confirmed_at = now
    log_step(session, vacancy, HiringEvent.SHORTLISTED, at=now, actor=actor)
    audit_vacancy(session, vacancy, "shortlist_confirmed", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    for application in chosen:
        await tell_shortlisted(session, application, vacancy, now=now)
    return vacancy


async def invite_to_interview(
    session: AsyncSession,
    application_id: UUID,
    invitation: InterviewInvitation,
    *,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Application:
    """From a confirmed shortlist; again to move the interview. Raises StageNotReachable, ShortlistNotConfirmed."""
    application = await load_for(session, application_id, ApplicationAction.INVITE_TO_INTERVIEW, expected)
    vacancy = await vacancy_in_hand(session, application)
    if vacancy.shortlist_confirmed_at is None:
        raise rules.ShortlistNotConfirmed(next_step="Confirm the shortlist of the vacancy first.")
    rules.move(application, ApplicationAction.INVITE_TO_INTERVIEW, now)
    application.interview_at, application.interview_place = invitation.starts_at, invitation.place
    audit_application(session, application, "interview_invited", actor=actor, at=now)
    invited = InterviewInvited(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        starts_at=invitation.starts_at,
        place=invitation.place,
    )
    await tell(session, application, invited, now=now)
    return application


async def record_interview(
    session: AsyncSession, application_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Application:
    """The interview was held. A decision after it records it too. Raises StageNotReachable."""
    application = await load_for(session, application_id, ApplicationAction.RECORD_INTERVIEW, expected)
    rules.move(application, ApplicationAction.RECORD_INTERVIEW, now)
    note_interview(session, application, actor=actor, now=now)
    return application


def note_interview(
    session: AsyncSession, application: Application, *, actor: Actor, now: datetime
) -> HiringLogEntry | None:
    """Once, dated with the appointment when that is past. The entry, where it was not noted before."""
    if application.interviewed_at is not None:
        return None
    appointed = application.interview_at
    held_at = appointed if appointed is not None and appointed <= now else now
    application.interviewed_at = held_at
    return log_application(session, application, HiringEvent.INTERVIEWED, at=held_at, actor=actor)


async def tell_shortlisted(session: AsyncSession, application: Application, vacancy: Vacancy, *, now: datetime) -> None:
    """They are on a shortlist that is final."""
    application.shortlist_told_at = now
    shortlisted = ApplicationShortlisted(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
    )
    await tell(session, application, shortlisted, now=now)


async def vacancy_in_hand(session: AsyncSession, application: Application) -> Vacancy:
    """The application's, as this transaction has it. Raises VacancyNotFound."""
    vacancy = await session.get(Vacancy, application.vacancy_id)
    if vacancy is None:
        raise VacancyNotFound
    return vacancy
