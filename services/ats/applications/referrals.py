"""Displaced staff whom clearing refers: an application of theirs follows the referral, whatever the order of news."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries, rules
from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.states import ApplicationSource, Stage
from services.ats.applications.telling import audit_application, log_application
from services.ats.audit.actor import CLEARING
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import reservations
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date, start_of_local_day
from shared.events.clearing import (
    OpeningReturned,
    PlacementConfirmed,
    RedeploymentAccepted,
    RedeploymentOffered,
    ReferralOutcomeRecorded,
    Referred,
    ReferredProfile,
    TrialEnded,
    TrialStarted,
)
from shared.inbox import Parked
from shared.sealing import person_key
from shared.vocabulary import HiringRoute

ENDINGS = {
    Stage.DECLINED: HiringEvent.OFFER_DECLINED,
    Stage.OFFER_LAPSED: HiringEvent.OFFER_LAPSED,
    Stage.OFFER_WITHDRAWN: HiringEvent.OFFER_WITHDRAWN,
}
REFERRALS = UUID("0d4c2b3e-5b51-5f0f-9a55-6f3d0d2f6a11")
"""Namespace of the ids of referred applications. Never change it: it is what makes a referral one application."""
RETURNED_STAGES = {
    "refused": Stage.DECLINED,
    "lapsed": Stage.OFFER_LAPSED,
    "withdrawn": Stage.OFFER_WITHDRAWN,
    "trial_failed": Stage.OFFER_WITHDRAWN,
}


async def receive_referral(session: AsyncSession, event: Referred, profile: ReferredProfile, *, now: datetime) -> None:
    """Make an application of a referral, once, for a vacancy of either management. Raises Parked."""
    vacancy = await session.get(Vacancy, event.vacancy_id)
    if vacancy is None:
        raise Parked("the vacancy is not here yet")
    if await queries.find_by_referral(session, event.referral_id) is not None:
        return
    application = Application(
        id=uuid5(REFERRALS, str(event.referral_id)),
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        reference=rules.new_reference(),
        source=ApplicationSource.CLEARING,
        route=HiringRoute.REDEPLOYMENT,
        referral_id=event.referral_id,
        person_key=person_key(profile.email),
        submitted_at=event.referred_at,
        stage_entered_at=event.referred_at,
        supporting_statement=profile.profile,
        contact=CandidateContact(employer_id=vacancy.employer_id, name=profile.name, email=profile.email),
    )
    session.add(application)
    log_application(session, application, HiringEvent.APPLIED, at=event.referred_at, actor=CLEARING)
    audit_application(session, application, "referral_received", actor=CLEARING, at=now)


async def note_outcome(session: AsyncSession, event: ReferralOutcomeRecorded) -> None:
    """Mirror a referral's way. What ended before it was referred never came here. Raises Parked."""
    if not event.was_referred:
        return
    application = await _application_of(session, event.referral_id)
    stage = rules.OUTCOME_STAGES[event.outcome]
    rules.mirror(application, stage, event.decided_at)
    if event.outcome == "interviewed" and application.interviewed_at is None:
        application.interviewed_at = event.decided_at
        log_application(session, application, HiringEvent.INTERVIEWED, at=event.decided_at, actor=CLEARING)


async def note_offer(session: AsyncSession, event: RedeploymentOffered) -> None:
    """Raises Parked."""
    application = await _application_of(session, event.referral_id)
    rules.mirror(application, Stage.OFFERED, event.offered_at)
    log_application(session, application, HiringEvent.OFFER_MADE, at=event.offered_at, actor=CLEARING)


async def note_acceptance(session: AsyncSession, event: RedeploymentAccepted, *, now: datetime) -> None:
    """The opening is the redeployee's from now on. Raises Parked."""
    opening_no = await reservations.accept_reserved(session, event.request_id, now=now)
    application = await _application_of(session, event.referral_id)
    rules.mirror(application, Stage.ACCEPTED, event.accepted_at)
    application.accepted_at, application.starts_on = event.accepted_at, event.starts_on
    application.opening_no = opening_no
    log_application(session, application, HiringEvent.OFFER_ACCEPTED, at=event.accepted_at, actor=CLEARING)


async def note_trial(session: AsyncSession, event: TrialStarted) -> None:
    """Day one in the new post: cleared by the move itself. Raises Parked."""
    application = await _accepted_application_of(session, event.referral_id)
    _note_start(session, application, start_of_local_day(event.starts_on))


async def note_trial_end(session: AsyncSession, event: TrialEnded) -> None:
    """The trial failed; the opening comes back with `clearing.opening_returned`. Raises Parked."""
    application = await _accepted_application_of(session, event.referral_id)
    ended_at = start_of_local_day(event.ended_on)
    audit_application(
        session, application, "trial_ended", actor=CLEARING, at=ended_at, reason=f"by the {event.ended_by}"
    )


async def note_return(session: AsyncSession, event: OpeningReturned, *, occurred_at: datetime, now: datetime) -> None:
    """The offer came to nothing: an acceptance before it is void, and the clock never stopped. Raises Parked.

    Where none had gone out yet, only what was held for it is free again.
    """
    await reservations.return_reserved(session, event.request_id, now=now)
    if not event.was_offered:
        return
    application = await (
        _accepted_application_of(session, event.referral_id)
        if event.reason == "trial_failed"
        else _application_of(session, event.referral_id)
    )
    stage = RETURNED_STAGES[event.reason]
    rules.mirror(application, stage, occurred_at)
    log_application(session, application, ENDINGS[stage], at=occurred_at, actor=CLEARING)
    application.opening_no = None


async def note_placement(session: AsyncSession, event: PlacementConfirmed, *, now: datetime) -> None:
    """The redeployment stands: the opening is filled. Raises Parked."""
    opening_no = await reservations.fill_reserved(session, event.request_id, starts_on=event.starts_on, now=now)
    application = await _accepted_application_of(session, event.referral_id)
    application.opening_no, application.starts_on = opening_no, event.starts_on
    _note_start(session, application, start_of_local_day(event.starts_on))
    rules.mirror(application, Stage.HIRED, event.confirmed_at)
    log_application(session, application, HiringEvent.FILLED_FROM_CLEARING, at=event.confirmed_at, actor=CLEARING)
    audit_application(session, application, "placement_confirmed", actor=CLEARING, at=event.confirmed_at)


def _note_start(session: AsyncSession, application: Application, starts_at: datetime) -> None:
    """Cleared and started, once, whichever fact comes first."""
    if application.cleared_at is not None:
        return
    application.cleared_at = starts_at
    application.starts_on = local_date(starts_at)
    log_application(session, application, HiringEvent.CLEARED, at=starts_at, actor=CLEARING)
    log_application(session, application, HiringEvent.STARTED, at=starts_at, actor=CLEARING)


async def _application_of(session: AsyncSession, referral_id: UUID) -> Application:
    application = await queries.find_by_referral(session, referral_id)
    if application is None:
        raise Parked("the referral is not here yet")
    return application


async def _accepted_application_of(session: AsyncSession, referral_id: UUID) -> Application:
    """What builds on an acceptance waits for it."""
    application = await _application_of(session, referral_id)
    if application.accepted_at is None:
        raise Parked("the acceptance is not here yet")
    return application
