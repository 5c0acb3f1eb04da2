"""What the person answers to a redeployment offer, and what silence means (R33-R35)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.matching.commands import end_matches
from services.clearing.matching.queries import live_matches_of
from services.clearing.matching.states import MatchState
from services.clearing.referrals import queries, rules
from services.clearing.referrals.commands import end_referral
from services.clearing.referrals.lifecycle import move_offer, move_referral, return_opening, tell_offer_ended
from services.clearing.referrals.models import Offer, Referral
from services.clearing.referrals.states import OfferState, ReferralState
from services.clearing.registrations.lifecycle import move_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import get_registration
from services.clearing.registrations.states import RegistrationState
from services.clearing.trials.commands import AcceptedOffer, schedule_placement
from shared import outbox
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.events.base import Contact
from shared.events.clearing import RedeploymentAccepted
from shared.vocabulary import Service

BATCH = 100
ANOTHER_ACCEPTED = "You have accepted another offer, so this interest ends."


async def accept_offer(session: AsyncSession, offer_id: UUID, *, by: Actor, now: datetime) -> Offer:
    """R33: one accepted offer at a time; the person's other interests end.

    Raises IllegalTransition, ReplyTooLate.
    """
    registration, referral, offer = await _locked(session, offer_id)
    _require_in_time(offer, now)
    move_offer(session, offer, OfferState.ACCEPTED, by=by, at=now)
    offer.answered_at = now
    move_referral(session, referral, ReferralState.ACCEPTED, by=by, at=now)
    move_registration(session, registration, RegistrationState.OFFER_ACCEPTED, by=by, at=now)
    for other in await queries.live_referrals_of(session, registration.id):
        await end_referral(session, other, ReferralState.WITHDRAWN, ANOTHER_ACCEPTED, by=by, at=now)
    await end_matches(session, await live_matches_of(session, registration.id), MatchState.VOID, at=now)
    await schedule_placement(session, registration, _accepted(offer, referral), by=by, now=now)
    event = RedeploymentAccepted(
        referral_id=referral.id,
        request_id=offer.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        starts_on=offer.starts_on,
        accepted_at=now,
    )
    contact = Contact(name=referral.name, email=referral.email)
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: contact})
    return offer


async def refuse_offer(session: AsyncSession, offer_id: UUID, reason: str | None, *, by: Actor, now: datetime) -> Offer:
    """R35: what follows from a refusal is for the home council's HR to decide, never for us."""
    _, referral, offer = await _locked(session, offer_id)
    _require_in_time(offer, now)
    move_offer(session, offer, OfferState.REFUSED, by=by, at=now)
    offer.answered_at, offer.answer_reason = now, reason
    move_referral(session, referral, ReferralState.REFUSED, by=by, at=now)
    await return_opening(session, offer, "refused", at=now)
    await tell_offer_ended(session, referral, offer, "refused", reason or "", at=now)
    return offer


async def lapse_offers(session: AsyncSession, now: datetime) -> int:
    """Due work: silence at reply-by is LAPSED, not refused (R34), as of the reply-by."""
    due = await queries.offers_past_reply(session, now, BATCH, among=not_held_back(lapse_offers, Offer.id))

    async def step(offer_id: UUID) -> None:
        _, referral, offer = await _locked(session, offer_id)
        if offer.state is OfferState.OFFERED:
            move_offer(session, offer, OfferState.LAPSED, by=SYSTEM, at=offer.reply_by)
            move_referral(session, referral, ReferralState.LAPSED, by=SYSTEM, at=offer.reply_by)
            await return_opening(session, offer, "lapsed", at=offer.reply_by)
            await tell_offer_ended(session, referral, offer, "lapsed", "", at=offer.reply_by)

    return await do_each(session, lapse_offers, due, step)


async def _locked(session: AsyncSession, offer_id: UUID) -> tuple[Registration, Referral, Offer]:
    """The person first, then the referral, then the offer: the order in which everyone locks them."""
    unlocked = await queries.get_offer(session, offer_id)
    registration = await get_registration(session, unlocked.registration_id, lock=True)
    referral = await queries.get_referral(session, unlocked.referral_id, lock=True)
    return registration, referral, await queries.get_offer(session, offer_id, lock=True)


def _require_in_time(offer: Offer, now: datetime) -> None:
    if offer.state is OfferState.OFFERED and now > offer.reply_by:
        raise rules.ReplyTooLate(next_step="Ask your council's HR: silence has no consequence by itself (R34)")


def _accepted(offer: Offer, referral: Referral) -> AcceptedOffer:
    assert offer.made_at is not None
    return AcceptedOffer(
        referral_id=referral.id,
        request_id=offer.id,
        vacancy_id=referral.vacancy_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        offered_on=local_date(offer.made_at),
        starts_on=offer.starts_on,
        terms_differ=offer.terms_differ,
        fte_pay_pence=offer.fte_pay_pence,
        hours_hundredths=offer.hours_hundredths,
    )
