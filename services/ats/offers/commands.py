"""Every command locks the vacancy first, then the application, then the offer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.states import ApplicationAction
from services.ats.applications.telling import audit_application, log_application, tell
from services.ats.audit.actor import Actor, ActorKind
from services.ats.checks import setting_out
from services.ats.employment_references.evidence import note_evidence
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers import queries, rules
from services.ats.offers.models import Offer, OfferState
from services.ats.offers.settling import settle_others_by_policy
from services.ats.offers.standing import free_what_was_held, lock_application, lock_offer
from services.ats.reserve_lists.commands import leave_reserve_list
from services.ats.reserve_lists.models import EndedHow
from services.ats.vacancies import openings
from services.ats.vacancies.announcing import announce
from shared.calendar import local_date
from shared.events.applications import ApplicationWithdrawn, CandidateCleared, OfferWithdrawn
from shared.principals import Principal


async def accept_offer(
    session: AsyncSession, offer_id: UUID, *, caller: Principal, expected: int | None, now: datetime
) -> Offer:
    """The opening is theirs. Where the offer lapsed meanwhile, it is theirs if one is still free.

    Raises OfferNotFound, OfferNotOpen, ReplyTooLate, StageNotReachable, NoOpeningLeft, IllegalMove.
    """
    actor = Actor.of(caller)
    vacancy, application, offer = await lock_offer(session, offer_id, caller, ApplicationAction.ACCEPT_OFFER, expected)
    if offer.state is OfferState.LAPSED:
        application_rules.refuse_outside_selection(vacancy)
    rules.answer(offer, OfferState.ACCEPTED, now, by_candidate=actor.kind is ActorKind.CANDIDATE)
    opening = openings.accept_opening(vacancy, application.id, route=application.route)
    application_rules.move(application, ApplicationAction.ACCEPT_OFFER, now)
    offer.opening_no = application.opening_no = opening.opening_no
    application.accepted_at = now
    application.starts_on = offer.starts_on
    await setting_out.require_checks(session, vacancy, application, actor=actor, now=now)
    await note_evidence(session, application.id, actor=actor, now=now)
    await settle_others_by_policy(session, offer, now=now)
    log_application(session, application, HiringEvent.OFFER_ACCEPTED, at=now, actor=actor)
    audit_application(session, application, "offer_accepted", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    return offer


async def decline_offer(
    session: AsyncSession, offer_id: UUID, *, caller: Principal, expected: int | None, now: datetime
) -> Offer:
    """The opening is free again. Raises OfferNotFound, OfferNotOpen, ReplyTooLate, StageNotReachable."""
    actor = Actor.of(caller)
    vacancy, application, offer = await lock_offer(session, offer_id, caller, ApplicationAction.DECLINE_OFFER, expected)
    rules.answer(offer, OfferState.DECLINED, now, by_candidate=actor.kind is ActorKind.CANDIDATE)
    application_rules.move(application, ApplicationAction.DECLINE_OFFER, now)
    free_what_was_held(session, vacancy, application, HiringEvent.OFFER_DECLINED, actor=actor, now=now)
    audit_application(session, application, "offer_declined", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    return offer


async def withdraw_offer(
    session: AsyncSession, offer_id: UUID, *, reason: str, caller: Principal, expected: int | None, now: datetime
) -> Offer:
    """An acceptance before it is void: the opening is free and the clock never stopped.

    Raises OfferNotFound, OfferNotOpen, StageNotReachable.
    """
    actor = Actor.of(caller)
    vacancy, application, offer = await lock_offer(
        session, offer_id, caller, ApplicationAction.WITHDRAW_OFFER, expected
    )
    rules.withdraw(offer, now, reason)
    application_rules.move(application, ApplicationAction.WITHDRAW_OFFER, now)
    free_what_was_held(session, vacancy, application, HiringEvent.OFFER_WITHDRAWN, actor=actor, now=now)
    audit_application(session, application, "offer_withdrawn", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    withdrawn = OfferWithdrawn(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        offer_id=offer.id,
        vacancy_title=vacancy.title,
    )
    await tell(session, application, withdrawn, now=now)
    return offer


async def withdraw_application(
    session: AsyncSession, application_id: UUID, *, caller: Principal, expected: int | None, now: datetime
) -> Application:
    """The candidate leaves, at whatever stage before the hire; what they held is free again.

    Raises ApplicationNotFound, StageNotReachable, DecidedInClearing.
    """
    actor = Actor.of(caller)
    await reach_employer(session, application_id, caller)
    vacancy, application = await lock_application(session, application_id, ApplicationAction.WITHDRAW, expected)
    offer = await queries.find_standing(session, application_id, lock=True)
    await leave_reserve_list(session, application, EndedHow.WITHDRAWN, now=now)
    application_rules.move(application, ApplicationAction.WITHDRAW, now)
    if offer is not None:
        rules.withdraw(offer, now, "candidate_withdrew")
        free_what_was_held(session, vacancy, application, HiringEvent.OFFER_WITHDRAWN, actor=actor, now=now)
        await announce(session, vacancy, now=now)
    audit_application(session, application, "application_withdrawn", actor=actor, at=now)
    withdrawn = ApplicationWithdrawn(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
    )
    await tell(session, application, withdrawn, now=now)
    return application


async def clear_candidate(
    session: AsyncSession, application_id: UUID, *, starts_on: date, actor: Actor, expected: int | None, now: datetime
) -> Application:
    """Every check is done and the start is agreed: the headline clock stops here.

    Raises StageNotReachable, ChecksMissing where one is neither passed nor waived for the first day.
    """
    vacancy, application = await lock_application(session, application_id, ApplicationAction.CLEAR, expected)
    await setting_out.refuse_unchecked(session, vacancy, application, max(starts_on, local_date(now)))
    application_rules.move(application, ApplicationAction.CLEAR, now)
    application.cleared_at, application.starts_on = now, starts_on
    log_application(session, application, HiringEvent.CLEARED, at=now, actor=actor)
    audit_application(session, application, "candidate_cleared", actor=actor, at=now)
    cleared = CandidateCleared(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        starts_on=starts_on,
    )
    await tell(session, application, cleared, now=now)
    return application
