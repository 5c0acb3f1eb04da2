"""What is put before the home council's HR: each new interest (R8, R49), and what follows from an offer's end.

As due work, in the region's name: a person or a gaining council does not see who works in another council's HR.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM
from services.clearing.referrals import queries
from services.clearing.referrals.lifecycle import OfferEnding, move_referral
from services.clearing.referrals.models import Offer, Referral
from services.clearing.referrals.states import ReferralState
from shared import outbox
from shared.due_rows import do_each, not_held_back
from shared.events.base import Contact, Event
from shared.events.clearing_tasks import OfferFollowUpWanted, ReviewWanted
from shared.outbox import Telling
from shared.registry import staff_with_role
from shared.vocabulary import Role, Service

BATCH = 100
ENDING: TypeAdapter[OfferEnding] = TypeAdapter(OfferEnding)


async def ask_for_reviews(session: AsyncSession, _now: datetime) -> int:
    """Due work: put each new interest before the home council's HR, once per HR contact."""
    waiting = await queries.waiting_for_review(session, BATCH, among=not_held_back(ask_for_reviews, Referral.id))

    async def step(referral_id: UUID) -> None:
        referral = await queries.get_referral(session, referral_id, lock=True)
        if referral.state is ReferralState.INTERESTED:
            at = referral.interested_at
            move_referral(session, referral, ReferralState.HR_REVIEW, by=SYSTEM, at=at)
            await ask_home_hr(session, _review_wanted(referral), referral.home_employer_id, at=at)

    return await do_each(session, ask_for_reviews, waiting, step)


async def alert_overdue_reviews(session: AsyncSession, now: datetime) -> int:
    """Due work: once for each interest that nobody has reviewed in time, which blocks the vacancy meanwhile (R19)."""
    among = not_held_back(alert_overdue_reviews, Referral.id)
    late = await queries.overdue_reviews(session, now, BATCH, among=among)

    async def step(referral_id: UUID) -> None:
        referral = await queries.get_referral(session, referral_id, lock=True)
        if referral.state is ReferralState.HR_REVIEW and referral.alerted_at is None:
            at = referral.alerted_at = referral.review_due_at
            wanted = _review_wanted(referral).model_copy(update={"is_overdue": True})
            await ask_home_hr(session, wanted, referral.home_employer_id, at=at)

    return await do_each(session, alert_overdue_reviews, late, step)


async def ask_for_follow_ups(session: AsyncSession, _now: datetime) -> int:
    """Due work: after a silence HR makes contact (R34), after a refusal it opens the case (R35)."""
    ended = await queries.waiting_for_follow_up(session, BATCH, among=not_held_back(ask_for_follow_ups, Offer.id))

    async def step(offer_id: UUID) -> None:
        offer = await queries.get_offer(session, offer_id, lock=True)
        if offer.follow_up is not None:
            referral = await queries.get_referral(session, offer.referral_id)
            ending = ENDING.validate_python(offer.follow_up)
            event = _follow_up_wanted(referral, ending)
            offer.follow_up = None
            await ask_home_hr(session, event, referral.home_employer_id, at=referral.ended_at or offer.requested_at)

    return await do_each(session, ask_for_follow_ups, ended, step)


async def ask_home_hr(session: AsyncSession, event: Event, home_employer_id: UUID, *, at: datetime) -> None:
    """Once for each HR contact of the home council; WME's coordinators stand in where it has none here."""
    asked = await staff_with_role(session, Role.COUNCIL_HR, home_employer_id)
    asked = asked or await staff_with_role(session, Role.WME_COORDINATOR, home_employer_id)
    tellings = [
        Telling(event, {Service.NOTIFICATIONS: Contact(name=person.name, email=person.email)}) for person in asked
    ]
    await outbox.record_all(session, tellings, now=at)


def _follow_up_wanted(referral: Referral, ending: OfferEnding) -> OfferFollowUpWanted:
    return OfferFollowUpWanted(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        vacancy_title=referral.vacancy_title,
        ending=ending,
    )


def _review_wanted(referral: Referral) -> ReviewWanted:
    return ReviewWanted(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        vacancy_title=referral.vacancy_title,
        due_at=referral.review_due_at,
    )
