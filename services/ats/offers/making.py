"""Making an offer: within the grade it goes out, outside it an approver decides first; a changed one replaces it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import rules as application_rules
from services.ats.applications.commands import note_interview
from services.ats.applications.models import Application
from services.ats.applications.states import ApplicationAction
from services.ats.applications.telling import audit_application, log_application, tell_with_link
from services.ats.audit.actor import Actor
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers import queries, rules
from services.ats.offers.asking import ask_approvers, tell_maker
from services.ats.offers.models import Offer, OfferState
from services.ats.offers.schemas import OfferMake
from services.ats.offers.standing import lock_application, lock_offer
from services.ats.reserve_lists.commands import leave_reserve_list, refuse_skipping
from services.ats.reserve_lists.models import EndedHow
from services.ats.vacancies import openings
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.announcing import announce
from services.ats.vacancies.models import Vacancy
from shared.events.applications import OfferMade
from shared.principals import Principal


async def make_offer(
    session: AsyncSession, application_id: UUID, terms: OfferMake, *, actor: Actor, expected: int | None, now: datetime
) -> Offer:
    """Offer the post and hold an opening for it: of two offers racing for one opening, one is made.

    Where one is out already, this one replaces it. With pay outside the grade it waits for an approver and holds
    nothing yet. Raises StageNotReachable, IllegalMove, ReplyByPassed, StartInThePast, NoOpeningLeft, PayOutsideGrade,
    RankSkipped.
    """
    vacancy, application = await lock_application(session, application_id, ApplicationAction.MAKE_OFFER, expected)
    application_rules.refuse_outside_selection(vacancy)
    rules.check_terms(terms.reply_by, terms.starts_on, now)
    is_outside = rules.is_outside_grade(vacancy, terms.salary_pence)
    rules.refuse_unexplained(vacancy, terms.salary_pence, terms.outside_grade_reason)
    await refuse_skipping(session, application, terms.skip_reason, actor=actor, now=now)
    if openings.opening_of(vacancy, application.id) is None:
        vacancy_rules.refuse_without_opening(vacancy)
    sequence_no = await _supersede_pending(session, application_id) + 1
    offer = Offer(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        application_id=application.id,
        sequence_no=sequence_no,
        salary_pence=terms.salary_pence,
        starts_on=terms.starts_on,
        reply_by=terms.reply_by,
        made_at=now,
        made_by=actor.id,
        state=OfferState.APPROVAL_PENDING,
        outside_grade_reason=terms.outside_grade_reason if is_outside else None,
    )
    session.add(offer)
    if is_outside:
        await session.flush()
        audit_application(session, application, "offer_approval_asked", actor=actor, at=now)
        await ask_approvers(session, vacancy, offer, now=now)
        return offer
    await _go_out(session, vacancy, application, offer, actor=actor, now=now)
    return offer


async def _supersede_pending(session: AsyncSession, application_id: UUID) -> int:
    """A new proposal takes the place of one that still waits. How many offers there were before."""
    earlier = await queries.offers_of(session, application_id)
    for each in earlier:
        if each.state is OfferState.APPROVAL_PENDING:
            rules.supersede(each)
    await session.flush()
    return len(earlier)


async def approve_offer(
    session: AsyncSession, offer_id: UUID, *, caller: Principal, expected: int | None, now: datetime
) -> Offer:
    """It goes out. Raises OfferNotFound, OfferNotPending, MakerMayNotApprove, ReplyByPassed, StartInThePast,
    NoOpeningLeft, StageNotReachable, IllegalMove.
    """
    vacancy, application, offer = await lock_offer(session, offer_id, caller, ApplicationAction.MAKE_OFFER, expected)
    application_rules.refuse_outside_selection(vacancy)
    rules.check_terms(offer.reply_by, offer.starts_on, now)
    rules.decide(offer, OfferState.MADE, decided_by=caller.staff_id, at=now)
    actor = Actor.of(caller)
    audit_application(session, application, "offer_approved", actor=actor, at=now)
    await _go_out(session, vacancy, application, offer, actor=actor, now=now)
    await tell_maker(session, vacancy, offer, now=now)
    return offer


async def refuse_offer(
    session: AsyncSession, offer_id: UUID, *, reason: str, caller: Principal, expected: int | None, now: datetime
) -> Offer:
    """The candidate never hears of it. Raises OfferNotFound, OfferNotPending, MakerMayNotApprove, StageNotReachable."""
    vacancy, application, offer = await lock_offer(session, offer_id, caller, ApplicationAction.MAKE_OFFER, expected)
    rules.decide(offer, OfferState.REFUSED, decided_by=caller.staff_id, at=now)
    offer.refusal_reason = reason
    audit_application(session, application, "offer_refused", actor=Actor.of(caller), at=now, reason=reason)
    await tell_maker(session, vacancy, offer, now=now)
    return offer


async def _go_out(
    session: AsyncSession, vacancy: Vacancy, application: Application, offer: Offer, *, actor: Actor, now: datetime
) -> None:
    """From now on the candidate may answer it. What it replaces keeps its opening for it."""
    replaced = await queries.find_standing(session, application.id, lock=True, but=offer.id)
    if replaced is not None:
        rules.supersede(replaced)
        await session.flush()
    opening = openings.opening_of(vacancy, application.id)
    if opening is None:
        opening = openings.reserve_opening(vacancy, application.id, route=application.route)
    opening.held_until = offer.reply_by
    offer.opening_no, offer.made_at, offer.state = opening.opening_no, now, OfferState.MADE
    note_interview(session, application, actor=actor, now=now)
    await leave_reserve_list(session, application, EndedHow.OFFERED, now=now)
    application_rules.move(application, ApplicationAction.MAKE_OFFER, now)
    if replaced is None:
        log_application(session, application, HiringEvent.OFFER_MADE, at=now, actor=actor)
    audit_application(session, application, "offer_made" if replaced is None else "offer_replaced", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    made = OfferMade(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        offer_id=offer.id,
        vacancy_title=vacancy.title,
        salary_pence=offer.salary_pence,
        reply_by=offer.reply_by,
        replaces_offer_id=None if replaced is None else replaced.id,
    )
    await tell_with_link(session, application, made, now=now)
