"""The one place where a referral's or an offer's state changes, and where the person is told of an outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import Subject, Transition
from services.clearing.audit.rules import refuse_illegal
from services.clearing.referrals.models import Offer, Referral
from services.clearing.referrals.rules import LIVE_STATES, NEXT_OFFER_STATES, NEXT_STATES
from services.clearing.referrals.states import OfferState, ReferralState
from shared import outbox
from shared.events.base import ContactWithReasons
from shared.events.clearing import OpeningReturned, RedeploymentOfferEnded, ReferralOutcomeRecorded
from shared.vocabulary import Service

Outcome = Literal[
    "not_referred",
    "not_shortlisted",
    "interview_offered",
    "interviewed",
    "not_appointed",
    "withdrawn",
    "vacancy_closed",
]
OfferEnding = Literal["refused", "lapsed", "withdrawn", "cancelled"]
OUTCOMES: dict[ReferralState, Outcome] = {
    ReferralState.NOT_REFERRED: "not_referred",
    ReferralState.NOT_SHORTLISTED: "not_shortlisted",
    ReferralState.INTERVIEW_OFFERED: "interview_offered",
    ReferralState.INTERVIEWED: "interviewed",
    ReferralState.NOT_APPOINTED: "not_appointed",
    ReferralState.WITHDRAWN: "withdrawn",
    ReferralState.VACANCY_CLOSED: "vacancy_closed",
}


def move_referral(session: AsyncSession, referral: Referral, to: ReferralState, *, by: Actor, at: datetime) -> None:
    """Raises IllegalTransition (409). A terminal state is an outcome and says when it was given (R19)."""
    refuse_illegal(NEXT_STATES, referral.state, to)
    before, referral.state = referral.state, to
    referral.state_since = at
    referral.version += 1
    if to not in LIVE_STATES:
        referral.ended_at = at
    note_referral(session, referral, before, by=by, at=at)


def note_referral(
    session: AsyncSession, referral: Referral, before: ReferralState | None, *, by: Actor, at: datetime
) -> None:
    session.add(
        Transition(
            subject=Subject.REFERRAL,
            subject_id=referral.id,
            from_state=before,
            to_state=referral.state,
            happened_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            home_employer_id=referral.home_employer_id,
            gaining_employer_id=referral.gaining_employer_id,
            registration_id=referral.registration_id,
        )
    )


def move_offer(session: AsyncSession, offer: Offer, to: OfferState, *, by: Actor, at: datetime) -> None:
    """Raises IllegalTransition (409)."""
    refuse_illegal(NEXT_OFFER_STATES, offer.state, to)
    before, offer.state = offer.state, to
    session.add(
        Transition(
            subject=Subject.OFFER,
            subject_id=offer.id,
            from_state=before,
            to_state=to,
            happened_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            home_employer_id=offer.home_employer_id,
            gaining_employer_id=offer.gaining_employer_id,
            registration_id=offer.registration_id,
        )
    )


async def tell_outcome(
    session: AsyncSession, referral: Referral, reasons: str, *, at: datetime, is_unmailed: bool = False
) -> None:
    """To the person, with the reasons that they are owed (R31), and to ats, which mirrors the referral's way.

    `is_unmailed` keeps it from the person's address, where they have died.
    """
    event = ReferralOutcomeRecorded(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        was_referred=referral.referred_at is not None,
        is_unmailed=is_unmailed,
        outcome=OUTCOMES[referral.state],
        decided_at=at,
    )
    sealed = ContactWithReasons(name=referral.name, email=referral.email, reasons=reasons)
    await outbox.record(session, event, now=at, sealed={Service.NOTIFICATIONS: sealed})


async def tell_offer_ended(
    session: AsyncSession, referral: Referral, offer: Offer, ending: OfferEnding, reasons: str, *, at: datetime
) -> None:
    """To the person, in writing, and as due work to their council's HR, whose step is next (R34, R35)."""
    event = RedeploymentOfferEnded(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        ending=ending,
        ended_at=at,
    )
    sealed = ContactWithReasons(name=referral.name, email=referral.email, reasons=reasons)
    await outbox.record(session, event, now=at, sealed={Service.NOTIFICATIONS: sealed})
    offer.follow_up = ending


async def return_opening(
    session: AsyncSession, offer: Offer, reason: Literal["refused", "lapsed", "withdrawn"], *, at: datetime
) -> None:
    """The opening that was held for this offer is free again. Ats hears whether anybody was ever offered it."""
    event = OpeningReturned(
        vacancy_id=offer.vacancy_id,
        gaining_employer_id=offer.gaining_employer_id,
        request_id=offer.id,
        referral_id=offer.referral_id,
        reason=reason,
        was_offered=offer.made_at is not None,
    )
    await outbox.record(session, event, now=at)
