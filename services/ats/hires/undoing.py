"""Taking a hire back: the log is corrected, and so is the clock; all but an error free the opening."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.applications.telling import audit_application, tell
from services.ats.audit.actor import Actor
from services.ats.hires import rules
from services.ats.hires.commands import lock_hire
from services.ats.hires.models import Hire
from services.ats.hires.states import BACK_AT, UnhireReason
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers import queries as offer_queries
from services.ats.offers import rules as offer_rules
from services.ats.offers.standing import free_what_was_held
from services.ats.vacancies import openings
from services.ats.vacancies.announcing import announce
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.requisitions import one_requisition_for_its_post
from shared import outbox
from shared.calendar import local_date
from shared.etag import refuse_stale
from shared.events.applications import ApplicationWithdrawn, CandidateUnhired, OfferWithdrawn
from shared.vocabulary import VacancyState


async def un_hire(
    session: AsyncSession,
    application_id: UUID,
    reason: UnhireReason,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Application:
    """`expected` is the application's version, since that is what it moves.

    Raises ApplicationNotFound, StageNotReachable, DecidedInClearing, StaleVersion, StartConfirmed,
    PostHasOpenRequisition.
    """
    found = await application_queries.get_application(session, application_id)
    refuse_stale(expected, found.version)
    application_rules.refuse_unhiring(found)
    vacancy, application, hire = await lock_hire(session, application_id)
    refuse_stale(expected, application.version)
    rules.undo(hire, reason, undone_by=actor.id, now=now)
    await _undo(session, vacancy, application, hire, actor=actor, now=now)
    return application


async def record_no_show(
    session: AsyncSession,
    application_id: UUID,
    *,
    frees_opening: bool,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Hire:
    """They did not come. The council chooses whether the opening waits for them. `expected` is the hire's version.

    Raises ApplicationNotFound, HireNotFound, StaleVersion, StartConfirmed, StartAhead, PostHasOpenRequisition.
    """
    vacancy, application, hire = await lock_hire(session, application_id, expected)
    rules.refuse_no_show(hire, local_date(now))
    if frees_opening:
        rules.undo(hire, UnhireReason.NO_SHOW, undone_by=actor.id, now=now)
        await _undo(session, vacancy, application, hire, actor=actor, now=now)
        return hire
    _take_back(session, application, HiringEvent.STARTED, hire.started_log_id, actor=actor, now=now)
    hire.started_log_id, hire.no_show_at = None, now
    hire.version += 1
    audit_application(session, application, "no_show_recorded", actor=actor, at=now)
    return hire


async def _undo(
    session: AsyncSession, vacancy: Vacancy, application: Application, hire: Hire, *, actor: Actor, now: datetime
) -> None:
    """What follows for everything around a hire that is undone."""
    reason = hire.unhire_reason
    assert reason is not None
    if vacancy.state is VacancyState.FILLED:
        async with one_requisition_for_its_post(session, vacancy):
            openings.unfill_opening(vacancy, application.id, now)
    else:
        openings.unfill_opening(vacancy, application.id, now)
    for event, log_id in ((HiringEvent.HIRED, hire.hired_log_id), (HiringEvent.STARTED, hire.started_log_id)):
        _take_back(session, application, event, log_id, actor=actor, now=now)
    application_rules.un_hire(application, BACK_AT[reason], now)
    if reason is not UnhireReason.RECORDED_IN_ERROR:
        offer = await offer_queries.find_standing(session, application.id, lock=True)
        if offer is not None:
            offer_rules.withdraw(offer, now, reason.value)
        free_what_was_held(session, vacancy, application, HiringEvent.OFFER_WITHDRAWN, actor=actor, now=now)
    audit_application(session, application, "candidate_unhired", actor=actor, at=now, reason=reason.value)
    await announce(session, vacancy, now=now)
    unhired = CandidateUnhired(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        opening_no=hire.opening_no,
        reason=reason.value,
        is_opening_free=reason is not UnhireReason.RECORDED_IN_ERROR,
    )
    await outbox.record(session, unhired, now=now)
    await _tell_candidate(session, vacancy, application, now=now)


def _take_back(
    session: AsyncSession,
    application: Application,
    event: HiringEvent,
    log_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The step did not happen after all: the entry stays, and a replay of the days before shows it."""
    if log_id is None:
        return
    step = Step(
        application.employer_id,
        application.vacancy_id,
        opening_no=application.opening_no,
        application_id=application.id,
        route=application.route,
        corrects_id=log_id,
        takes_back=True,
    )
    append(session, event, step, occurred_at=now, actor=actor)


async def _tell_candidate(session: AsyncSession, vacancy: Vacancy, application: Application, *, now: datetime) -> None:
    """Whose own doing it was has it confirmed, and who loses the post hears it. An error concerns nobody else."""
    about = {
        "application_id": application.id,
        "vacancy_id": vacancy.id,
        "employer_id": vacancy.employer_id,
        "vacancy_title": vacancy.title,
    }
    if application.stage is Stage.WITHDRAWN:
        await tell(session, application, ApplicationWithdrawn.model_validate(about), now=now)
    elif application.stage is Stage.OFFER_WITHDRAWN:
        offers = await offer_queries.offers_of(session, application.id)
        withdrawn = OfferWithdrawn.model_validate(about | {"offer_id": offers[-1].id})
        await tell(session, application, withdrawn, now=now)
