from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.matching.commands import move_match
from services.clearing.matching.models import Match
from services.clearing.matching.queries import get_match
from services.clearing.matching.rules import Flag
from services.clearing.matching.states import MatchState
from services.clearing.referrals import queries, rules
from services.clearing.referrals.lifecycle import move_offer, move_referral, note_referral, return_opening, tell_outcome
from services.clearing.referrals.models import Referral
from services.clearing.referrals.profile import profile_in_words, profile_of
from services.clearing.referrals.states import OfferState, ReferralState
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import get_registration
from services.clearing.registrations.states import RegistrationState
from services.clearing.vacancy_mirror.queries import get_vacancy
from shared import outbox
from shared.calendar import local_date
from shared.errors import DomainError
from shared.events.base import Contact
from shared.events.clearing import Referred, ReferredProfile
from shared.vocabulary import Service

WORDS_OF_WITHDRAWAL = "You are no longer interested in this job."


class RegistrationNotActive(DomainError):
    code: ClassVar[str] = "registration_not_active"
    title: ClassVar[str] = "Only an active registration can be interested in a vacancy"


async def express_interest(session: AsyncSession, match_id: UUID, *, by: Actor, now: datetime) -> Referral:
    """A person is interested: from now on both councils may know who they are (R54).

    Raises IllegalTransition, WindowOver, RegistrationNotActive.
    """
    match = await get_match(session, match_id, lock=True)
    registration = await get_registration(session, match.registration_id)
    if registration.state is not RegistrationState.ACTIVE:
        raise RegistrationNotActive
    move_match(session, match, MatchState.INTERESTED, by=by, at=now)
    vacancy = await get_vacancy(session, match.vacancy_id)
    referral = Referral(
        vacancy_id=vacancy.id,
        window_id=match.window_id,
        match_id=match.id,
        gaining_employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        ring=match.ring,
        priority_band=match.tier,
        rank_key=match.rank_key,
        interested_at=now,
        state_since=now,
        review_due_at=rules.review_due_at(now),
        has_duty=_has_duty(match, registration, now),
        **_of_person(registration),
    )
    session.add(referral)
    note_referral(session, referral, None, by=by, at=now)
    return referral


async def refer(session: AsyncSession, referral_id: UUID, *, by: Actor, now: datetime) -> Referral:
    """The home council's HR sends the person on to the gaining council (R8, R49). Prior consideration starts here."""
    referral = await _open_for_home(session, referral_id, by)
    vacancy = await get_vacancy(session, referral.vacancy_id)
    if vacancy.hiring_manager_id is not None and vacancy.hiring_manager_id == by.staff_id:
        raise rules.SeparationOfDuties
    move_referral(session, referral, ReferralState.REFERRED, by=by, at=now)
    referral.referred_at = now
    referral.decided_by = by.staff_id
    event = Referred(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        registration_id=referral.registration_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        referred_at=now,
    )
    profile = ReferredProfile(name=referral.name, email=referral.email, profile=profile_in_words(referral.profile))
    contact = Contact(name=referral.name, email=referral.email)
    await outbox.record(session, event, now=now, sealed={Service.ATS: profile, Service.NOTIFICATIONS: contact})
    return referral


async def decline_to_refer(
    session: AsyncSession, referral_id: UUID, reason: str, *, by: Actor, now: datetime
) -> Referral:
    """A human's reason, told to the person (R49)."""
    referral = await _open_for_home(session, referral_id, by)
    move_referral(session, referral, ReferralState.NOT_REFERRED, by=by, at=now)
    referral.reasons, referral.decided_by = reason, by.staff_id
    await tell_outcome(session, referral, reason, at=now)
    return referral


async def withdraw_interest(session: AsyncSession, referral_id: UUID, *, by: Actor, now: datetime) -> Referral:
    """By the person, at any time and without consequences (R35)."""
    referral = await queries.get_referral(session, referral_id, lock=True)
    await end_referral(session, referral, ReferralState.WITHDRAWN, WORDS_OF_WITHDRAWAL, by=by, at=now)
    return referral


async def end_referral(
    session: AsyncSession,
    referral: Referral,
    to: ReferralState,
    reasons: str | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """End a live referral from the person's side or with its vacancy, giving back an opening held for it.

    Without `reasons` there is nobody to give them to, and no mail.
    """
    move_referral(session, referral, to, by=by, at=at)
    offer = await queries.live_offer_of(session, referral.id)
    if offer is not None:
        was_made = offer.state is OfferState.OFFERED
        move_offer(session, offer, OfferState.WITHDRAWN, by=by, at=at)
        if was_made:
            await return_opening(session, offer, "withdrawn", at=at)
    await tell_outcome(session, referral, reasons or "", at=at, is_unmailed=reasons is None)


async def require_opened(session: AsyncSession, referral: Referral, by: Actor) -> None:
    """R49: evidence that the very person who decides has opened the item, not merely their system. Raises NotOpened."""
    if by.staff_id is None or not await queries.has_opened(session, referral.id, by.staff_id):
        raise rules.NotOpened(next_step=f"GET /v1/referrals/{referral.id} first, on behalf of who decides")


async def _open_for_home(session: AsyncSession, referral_id: UUID, by: Actor) -> Referral:
    referral = await queries.get_referral(session, referral_id, lock=True)
    by.must_act_for(referral.home_employer_id)
    await require_opened(session, referral, by)
    return referral


def _has_duty(match: Match, registration: Registration, now: datetime) -> bool:
    """R12, R13: a protection that has run out since the match was made (R11) is no duty any more."""
    flags = set(match.explanation["flags"])
    today, until = local_date(now), registration.protected_until
    is_protected = until is not None and today <= until
    return Flag.ADJUSTMENT_DUTY.value in flags or (Flag.STATUTORY_OFFER_DUTY.value in flags and is_protected)


def _of_person(registration: Registration) -> dict[str, Any]:
    return {
        "registration_id": registration.id,
        "home_employer_id": registration.home_employer_id,
        "name": registration.name,
        "email": registration.email,
        "profile": profile_of(registration),
    }


def rank_again(referral: Referral, match: Match) -> None:
    """A restarted window (R21) judges the person anew."""
    referral.match_id, referral.window_id = match.id, match.window_id
    referral.rank_key, referral.ring, referral.priority_band = match.rank_key, match.ring, match.tier
