"""Every command locks the vacancy first, then the application, then the offer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import rules as application_rules
from services.ats.applications.commands import note_interview
from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.states import ApplicationAction
from services.ats.applications.telling import audit_application, log_application, tell, tell_with_link
from services.ats.audit.actor import Actor, ActorKind
from services.ats.checks import setting_out
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers import queries, rules
from services.ats.offers.models import Offer, OfferState
from services.ats.offers.schemas import OfferMake
from services.ats.offers.standing import free_what_was_held, lock_application, lock_offer
from services.ats.vacancies import openings
from services.ats.vacancies.announcing import announce
from shared import outbox
from shared.calendar import local_date, start_of_local_day
from shared.events.applications import ApplicationWithdrawn, CandidateCleared, CandidateHired, OfferMade, OfferWithdrawn
from shared.principals import Principal


async def make_offer(
    session: AsyncSession, application_id: UUID, terms: OfferMake, *, actor: Actor, expected: int | None, now: datetime
) -> Offer:
    """Offer the post and hold an opening for it: of two offers racing for one opening, one is made.

    Raises StageNotReachable, IllegalMove, ReplyByPassed, StartInThePast, NoOpeningLeft.
    """
    vacancy, application = await lock_application(session, application_id, ApplicationAction.MAKE_OFFER, expected)
    application_rules.refuse_outside_selection(vacancy)
    rules.check_terms(terms.reply_by, terms.starts_on, now)
    opening = openings.reserve_opening(vacancy, application.id, route=application.route, held_until=terms.reply_by)
    note_interview(session, application, actor=actor, now=now)
    application_rules.move(application, ApplicationAction.MAKE_OFFER, now)
    offer = Offer(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        application_id=application.id,
        opening_no=opening.opening_no,
        salary_pence=terms.salary_pence,
        starts_on=terms.starts_on,
        reply_by=terms.reply_by,
        made_at=now,
        made_by=actor.id,
    )
    session.add(offer)
    log_application(session, application, HiringEvent.OFFER_MADE, at=now, actor=actor)
    audit_application(session, application, "offer_made", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    made = OfferMade(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        offer_id=offer.id,
        vacancy_title=vacancy.title,
        salary_pence=offer.salary_pence,
        reply_by=offer.reply_by,
    )
    await tell_with_link(session, application, made, now=now)
    return offer


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
    log_application(session, application, HiringEvent.HIRED, at=now, actor=actor)
    log_application(session, application, HiringEvent.STARTED, at=start_of_local_day(first_day), actor=actor)
    audit_application(session, application, "candidate_hired", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    hired = CandidateHired(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        opening_no=opening.opening_no,
        route=application.route,
        starts_on=first_day,
    )
    await outbox.record(session, hired, now=now)
    return application
