from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import form_rules, queries, rules
from services.ats.applications.models import Application
from services.ats.applications.policies import find_policy
from services.ats.applications.schemas import ApplicationCreate, InterviewInvitation, Rejection
from services.ats.applications.states import ApplicationAction, RejectionReason, Stage
from services.ats.applications.submission import application_of
from services.ats.applications.telling import audit_application, log_application, tell, tell_with_link
from services.ats.audit.actor import SYSTEM, Actor
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.identity.queries import find_link_address
from services.ats.jobs.queries import JobNotFound
from services.ats.vacancies import lifecycle
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.announcing import announce, audit_vacancy, log_step
from services.ats.vacancies.application_form import ApplicationForm, Question
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound, watch_vacancy
from shared.calendar import local_date
from shared.errors import DomainError
from shared.etag import refuse_stale
from shared.events.applications import (
    ApplicationReceived,
    ApplicationRejected,
    ApplicationShortlisted,
    InterviewInvited,
)
from shared.vocabulary import VacancyState

ONE_PER_PERSON = "uq_applications_one_per_person"


class AlreadyApplied(DomainError):
    code = "already_applied"
    title = "This person has applied for this vacancy already"


async def submit_application(
    session: AsyncSession, job_id: UUID, wanted: ApplicationCreate, *, actor: Actor, now: datetime
) -> Application:
    """Take an application for a live advert and acknowledge it to the candidate.

    Raises JobNotFound, JobClosed, ManagedElsewhere, CriterionUnknown, FormChanged, FormNotAnswered, AlreadyApplied.
    """
    vacancy = await watch_vacancy(session, job_id)
    if vacancy is None or vacancy.published_at is None:
        raise JobNotFound
    rules.refuse_elsewhere(vacancy)
    rules.refuse_late(vacancy.closes_at if vacancy.state is VacancyState.LIVE else None, now)
    answered = [each.criterion_id for each in wanted.answers]
    rules.refuse_unknown_criteria(answered, vacancy.essential, "answers")
    form = ApplicationForm.model_validate(vacancy.application_form)
    form_rules.refuse_other_version(wanted.form_version, vacancy.form_version)
    form_rules.refuse_unanswered(form, vacancy.essential, wanted)
    ruled_out = form_rules.knock_outs(form, wanted)
    application = application_of(vacancy, wanted, ruled_out, actor=actor, now=now)
    application.link_address = await find_link_address(session, actor.id)
    await _store(session, application)
    log_application(session, application, HiringEvent.APPLIED, at=now, actor=actor)
    received = ApplicationReceived(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        reference=application.reference,
        vacancy_title=vacancy.title,
    )
    await tell_with_link(session, application, received, now=now)
    await _settle_knock_outs(session, application, vacancy, ruled_out, now=now)
    return application


async def _settle_knock_outs(
    session: AsyncSession, application: Application, vacancy: Vacancy, ruled_out: Sequence[Question], *, now: datetime
) -> None:
    """Rejected, told and audited with the first question's reason where the council says so; marked in any case."""
    policy = await find_policy(session, vacancy.employer_id, on=local_date(now)) if ruled_out else None
    if policy is None or not policy.rejects_knock_outs:
        return
    causes = [each.knock_out for each in ruled_out if each.knock_out is not None]
    rejection = Rejection(
        reason_code=RejectionReason(causes[0].reason_code),
        unmet_criteria=sorted({each.criterion_id for each in causes if each.criterion_id is not None}),
    )
    await _reject(session, application, vacancy, rejection, actor=SYSTEM, now=now)


async def _store(session: AsyncSession, application: Application) -> None:
    """The unique index decides between twins. Raises AlreadyApplied; the transaction is over then."""
    session.add(application)
    try:
        await session.flush()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == ONE_PER_PERSON:
            raise AlreadyApplied from None
        raise


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
        await _tell_shortlisted(session, application, vacancy, now=now)
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
        await _tell_shortlisted(session, application, vacancy, now=now)
    return vacancy


async def reject_application(
    session: AsyncSession,
    application_id: UUID,
    rejection: Rejection,
    *,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Application:
    """With a coded reason. Raises StageNotReachable, CriterionUnknown."""
    application = await load_for(session, application_id, ApplicationAction.REJECT, expected)
    vacancy = await _vacancy(session, application)
    rules.refuse_unknown_criteria(rejection.unmet_criteria, vacancy.essential, "unmet_criteria")
    if application.stage is Stage.INTERVIEW:
        note_interview(session, application, actor=actor, now=now)
    await _reject(session, application, vacancy, rejection, actor=actor, now=now)
    return application


async def _reject(
    session: AsyncSession,
    application: Application,
    vacancy: Vacancy,
    rejection: Rejection,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    was_interviewed = application.stage is Stage.INTERVIEW
    rules.move(application, ApplicationAction.REJECT, now)
    application.rejection_reason = rejection.reason_code
    application.unmet_criteria = list(rejection.unmet_criteria)
    application.decided_by, application.decided_at = actor.id, now
    reason = rejection.reason_code.value
    audit_application(session, application, "application_rejected", actor=actor, at=now, reason=reason)
    rejected = ApplicationRejected(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        after_interview=was_interviewed,
    )
    await tell(session, application, rejected, now=now)


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
    vacancy = await _vacancy(session, application)
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


def note_interview(session: AsyncSession, application: Application, *, actor: Actor, now: datetime) -> None:
    """Once, dated with the appointment when that is past."""
    if application.interviewed_at is not None:
        return
    appointed = application.interview_at
    held_at = appointed if appointed is not None and appointed <= now else now
    application.interviewed_at = held_at
    log_application(session, application, HiringEvent.INTERVIEWED, at=held_at, actor=actor)


async def _tell_shortlisted(
    session: AsyncSession, application: Application, vacancy: Vacancy, *, now: datetime
) -> None:
    application.shortlist_told_at = now
    shortlisted = ApplicationShortlisted(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
    )
    await tell(session, application, shortlisted, now=now)


async def _vacancy(session: AsyncSession, application: Application) -> Vacancy:
    vacancy = await session.get(Vacancy, application.vacancy_id)
    if vacancy is None:
        raise VacancyNotFound
    return vacancy
