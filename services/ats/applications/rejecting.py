"""Rejecting somebody, telling them when the employer's delay is over, and taking a rejection back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries, rules
from services.ats.applications.commands import (
    ONE_PER_PERSON,
    is_breach_of,
    load_for,
    note_interview,
    tell_shortlisted,
    vacancy_in_hand,
)
from services.ats.applications.models import Application, RejectionEntry
from services.ats.applications.schemas import Rejection
from services.ats.applications.states import ApplicationAction, Stage
from services.ats.applications.telling import audit_application, tell
from services.ats.audit.actor import Actor
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.selection_policy.queries import terms_in_force
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound, watch_vacancy
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.errors import DomainError
from shared.etag import refuse_stale
from shared.events.applications import ApplicationRejected, ApplicationRejectionUndone

BATCH = 100


class AppliedAgain(DomainError):
    code = "applied_again"
    title = "This person has applied for the vacancy again since"


async def reject_application(
    session: AsyncSession,
    application_id: UUID,
    rejection: Rejection,
    *,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Application:
    """With a coded reason. The candidate hears of it after the employer's delay, unless it is undone before.

    Raises StageNotReachable, CriterionUnknown.
    """
    application = await load_for(session, application_id, ApplicationAction.REJECT, expected)
    vacancy = await vacancy_in_hand(session, application)
    rules.refuse_unknown_criteria(rejection.unmet_criteria, vacancy.essential, "unmet_criteria")
    await reject(session, application, vacancy, rejection, actor=actor, now=now)
    return application


async def reject(
    session: AsyncSession,
    application: Application,
    vacancy: Vacancy,
    rejection: Rejection,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The rejection of an application in hand, with its record and what is told. Raises StageNotReachable."""
    noted = None
    if application.stage is Stage.INTERVIEW and rules.was_interview_held(application, rejection.reason_code, now):
        noted = note_interview(session, application, actor=actor, now=now)
    terms = await terms_in_force(session, vacancy.employer_id, today=local_date(now))
    await session.flush()
    entry = RejectionEntry(
        employer_id=application.employer_id,
        application_id=application.id,
        from_stage=application.stage,
        decided_at=now,
        tell_at=now + timedelta(minutes=terms.rejection_delay_minutes),
        interview_log_id=None if noted is None else noted.id,
    )
    session.add(entry)
    rules.move(application, ApplicationAction.REJECT, now)
    application.rejection_reason = rejection.reason_code
    application.unmet_criteria = list(rejection.unmet_criteria)
    application.decided_by, application.decided_at = actor.id, now
    reason = rejection.reason_code.value
    audit_application(session, application, "application_rejected", actor=actor, at=now, reason=reason)
    if entry.tell_at <= now:
        await _tell(session, application, vacancy, entry)


async def tell_rejections(session: AsyncSession, now: datetime) -> int:
    """Due work: tell each rejected candidate at the very instant at which the delay is over."""
    due = select(RejectionEntry.id).where(
        RejectionEntry.tell_at <= now,
        RejectionEntry.told_at.is_(None),
        RejectionEntry.undone_at.is_(None),
        not_held_back(tell_rejections, RejectionEntry.id),
    )
    ids = (await session.scalars(due.order_by(RejectionEntry.tell_at, RejectionEntry.id).limit(BATCH))).all()

    async def tell_one(entry_id: UUID) -> None:
        """Locks the application, as an undoing does, and looks again."""
        of_entry = select(RejectionEntry.application_id).where(RejectionEntry.id == entry_id)
        application = await queries.get_application(session, (await session.scalars(of_entry)).one(), lock=True)
        entry = await session.get_one(RejectionEntry, entry_id, populate_existing=True)
        if entry.told_at is None and entry.undone_at is None:
            await _tell(session, application, await vacancy_in_hand(session, application), entry)

    return await do_each(session, tell_rejections, ids, tell_one)


async def _tell(session: AsyncSession, application: Application, vacancy: Vacancy, entry: RejectionEntry) -> None:
    entry.told_at = entry.tell_at
    rejected = ApplicationRejected(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        after_interview=application.interviewed_at is not None,
        was_shortlisted=entry.from_stage is not Stage.SUBMITTED,
    )
    entry.event_id = await tell(session, application, rejected, now=entry.tell_at)


async def undo_rejection(
    session: AsyncSession, application_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Application:
    """Back to the stage it came from. Who was not told yet never is; who was is told that we have looked again.

    Raises StageNotReachable, DecidedInClearing, IllegalMove, AppliedAgain.
    """
    vacancy = await watch_vacancy(session, await queries.vacancy_of(session, application_id))
    if vacancy is None:
        raise VacancyNotFound
    application = await queries.get_application(session, application_id, lock=True)
    refuse_stale(expected, application.version)
    entry = await queries.rejection_in_force(session, application_id)
    rules.refuse_undoing(application, entry)
    assert entry is not None
    rules.refuse_outside_selection(vacancy)
    await _refuse_second(session, application)
    if entry.interview_log_id is not None:
        take_interview_back(session, application, entry.interview_log_id, actor=actor, now=now)
    rules.undo_rejection(application, entry, actor.id, now)
    try:
        await session.flush()
    except IntegrityError as error:
        if is_breach_of(error, ONE_PER_PERSON):
            raise AppliedAgain from None
        raise
    audit_application(session, application, "rejection_undone", actor=actor, at=now)
    if entry.told_at is not None:
        undone = ApplicationRejectionUndone(
            application_id=application.id,
            vacancy_id=vacancy.id,
            employer_id=vacancy.employer_id,
            vacancy_title=vacancy.title,
            rejection_event_id=entry.event_id,
        )
        await tell(session, application, undone, now=now)
    is_owed_news = vacancy.shortlist_confirmed_at is not None and application.shortlist_told_at is None
    if application.stage is Stage.SHORTLISTED and is_owed_news:
        await tell_shortlisted(session, application, vacancy, now=now)
    return application


async def _refuse_second(session: AsyncSession, application: Application) -> None:
    """Raises AppliedAgain, naming the newer application."""
    newer = await queries.find_other_of_person(session, application)
    if newer is not None:
        raise AppliedAgain(
            f"Their application {newer.reference} counts now.",
            existing=f"/v1/applications/{newer.id}",
            next_step="Go on with that one.",
        )


def take_interview_back(
    session: AsyncSession, application: Application, log_id: int, *, actor: Actor, now: datetime
) -> None:
    """The decision noted the interview as held: taken back with it, in the log and so in the clock."""
    step = Step(
        application.employer_id,
        application.vacancy_id,
        application_id=application.id,
        route=application.route,
        corrects_id=log_id,
        takes_back=True,
    )
    append(session, HiringEvent.INTERVIEWED, step, occurred_at=now, actor=actor)
    application.interviewed_at = None
