"""Redeployment offers from the gaining council's side: asked for, made once an opening is held, withdrawn (R32)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.referrals import queries, rules
from services.clearing.referrals.lifecycle import move_offer, move_referral, return_opening, tell_offer_ended
from services.clearing.referrals.models import Offer, Referral
from services.clearing.referrals.outcomes import open_for_gaining
from services.clearing.referrals.schemas import OfferTerms
from services.clearing.referrals.states import OfferState, ReferralState
from services.clearing.registrations.commands import registrant_link
from services.clearing.vacancy_mirror.queries import policy_on
from shared import outbox
from shared.calendar import local_date
from shared.errors import DomainError
from shared.events.ats import OpeningRefused, OpeningReserved
from shared.events.base import ContactWithLink
from shared.events.clearing import OpeningRequested, RedeploymentOffered
from shared.inbox import Parked
from shared.vocabulary import Service


class OfferAlreadyAsked(DomainError):
    code = "offer_already_asked"
    title = "An offer to this person is already under way"


async def request_offer(
    session: AsyncSession, referral_id: UUID, terms: OfferTerms, *, by: Actor, now: datetime
) -> Offer:
    """Ask ats for an opening; the offer is made when one is held for it (design section 4)."""
    referral = await open_for_gaining(session, referral_id, by)
    rivals = [
        place for place in await queries.queue_of(session, referral.vacancy_id) if place.referral_id != referral.id
    ]
    rules.require_may_be_offered(referral.state, has_duty=referral.has_duty, live_rivals=len(rivals))
    if await queries.live_offer_of(session, referral.id) is not None:
        raise OfferAlreadyAsked
    policy = await policy_on(session, referral.gaining_employer_id, local_date(now))
    reply_by = rules.reply_by(now, terms.reply_working_days or policy.offer_reply_working_days)
    rules.require_start(terms.starts_on, reply_by)
    offer = Offer(
        referral_id=referral.id,
        registration_id=referral.registration_id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        requested_at=now,
        reply_by=reply_by,
        starts_on=terms.starts_on,
        fte_pay_pence=terms.fte_pay_pence,
        hours_hundredths=int(terms.hours_per_week * 100),
        terms_differ=terms.terms_differ,
        difference=terms.difference,
        decided_by=by.staff_id,
    )
    session.add(offer)
    await session.flush()
    event = OpeningRequested(
        vacancy_id=offer.vacancy_id,
        gaining_employer_id=offer.gaining_employer_id,
        request_id=offer.id,
        referral_id=offer.referral_id,
        reply_by=offer.reply_by,
    )
    await outbox.record(session, event, now=now)
    return offer


async def make_offer(session: AsyncSession, event: OpeningReserved, *, occurred_at: datetime) -> None:
    """An opening is held: the offer goes to the person. Raises Parked where the request is not here yet.

    Where the person or the council has withdrawn meanwhile, the opening goes straight back.
    """
    referral, offer = await _requested(session, event.request_id)
    if offer.state is not OfferState.REQUESTED:
        if offer.state is OfferState.WITHDRAWN:
            await return_opening(session, offer, "withdrawn", at=occurred_at)
        return
    move_offer(session, offer, OfferState.OFFERED, by=SYSTEM, at=occurred_at)
    offer.made_at = occurred_at
    move_referral(session, referral, ReferralState.OFFERED, by=SYSTEM, at=occurred_at)
    told = RedeploymentOffered(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        reply_by=offer.reply_by,
        offered_at=occurred_at,
    )
    link = await registrant_link(
        session, referral.registration_id, referral.home_employer_id, offer.reply_by, f"/my/offers/{offer.id}"
    )
    sealed = ContactWithLink(name=referral.name, email=referral.email, link=link)
    await outbox.record(session, told, now=occurred_at, sealed={Service.NOTIFICATIONS: sealed})


async def note_refused_opening(session: AsyncSession, event: OpeningRefused, *, occurred_at: datetime) -> None:
    """There is no opening: the referral stays where it was, for the council to give its outcome. Raises Parked."""
    _, offer = await _requested(session, event.request_id)
    if offer.state is OfferState.REQUESTED:
        move_offer(session, offer, OfferState.NO_OPENING, by=SYSTEM, at=occurred_at)
        offer.answered_at, offer.answer_reason = occurred_at, event.reason


async def withdraw_offer(
    session: AsyncSession, referral_id: UUID, reason: str, *, by: Actor, now: datetime
) -> Referral:
    """By the gaining council, before the person has answered: they are told why, and their council's HR as well."""
    referral = await open_for_gaining(session, referral_id, by)
    move_referral(session, referral, ReferralState.OFFER_WITHDRAWN, by=by, at=now)
    referral.reasons, referral.decided_by = reason, by.staff_id
    offer = await queries.live_offer_of(session, referral.id)
    assert offer is not None
    move_offer(session, offer, OfferState.WITHDRAWN, by=by, at=now)
    offer.answered_at = now
    await return_opening(session, offer, "withdrawn", at=now)
    await tell_offer_ended(session, referral, offer, "withdrawn", reason, at=now)
    return referral


async def _requested(session: AsyncSession, request_id: UUID) -> tuple[Referral, Offer]:
    """The referral first, then its offer: the order in which everyone locks them."""
    try:
        unlocked = await queries.get_offer(session, request_id)
    except queries.OfferUnknown:
        raise Parked("the request for this opening is not here yet") from None
    referral = await queries.get_referral(session, unlocked.referral_id, lock=True)
    return referral, await queries.get_offer(session, request_id, lock=True)
