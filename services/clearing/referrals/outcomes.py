"""What the gaining council decides about somebody referred to it: a human, with reasons by criterion (R19, R49)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.rules import refuse_illegal
from services.clearing.referrals import queries, rules
from services.clearing.referrals.commands import require_opened
from services.clearing.referrals.lifecycle import move_referral, tell_outcome
from services.clearing.referrals.models import Referral
from services.clearing.referrals.states import ReferralState
from services.clearing.vacancy_mirror.queries import get_vacancy, policy_on
from shared import outbox
from shared.calendar import local_date
from shared.events.base import Contact
from shared.events.clearing import InterviewAwaited
from shared.vocabulary import Service


async def decline_to_shortlist(
    session: AsyncSession, referral_id: UUID, *, unmet_criteria: list[str], reasons: str, by: Actor, now: datetime
) -> Referral:
    """Not shortlisted, because of essential criteria of this vacancy that are named by id (R19)."""
    referral = await open_for_gaining(session, referral_id, by)
    vacancy = await get_vacancy(session, referral.vacancy_id)
    rules.require_known_criteria(unmet_criteria, (each["criterion_id"] for each in vacancy.essential))
    move_referral(session, referral, ReferralState.NOT_SHORTLISTED, by=by, at=now)
    referral.unmet_criteria, referral.reasons, referral.decided_by = unmet_criteria, reasons, by.staff_id
    texts = {each["criterion_id"]: each["text"] for each in vacancy.essential}
    named = "; ".join(f"{criterion_id}: {texts[criterion_id]}" for criterion_id in unmet_criteria)
    await tell_outcome(session, referral, f"Essential criteria not met: {named}. {reasons}", at=now)
    return referral


async def keep_waiting(session: AsyncSession, referral_id: UUID, *, by: Actor, now: datetime) -> Referral:
    """R30a: more are interested than can be seen; this one is seen before any ordinary candidate, and told so."""
    referral = await open_for_gaining(session, referral_id, by)
    # Whoever has an outcome already stands in no queue.
    refuse_illegal(rules.NEXT_STATES, referral.state, ReferralState.WAITING)
    queue = await queries.queue_of(session, referral.vacancy_id)
    rules.require_may_wait(referral.id, queue, places=await _interview_places(session, referral, now))
    move_referral(session, referral, ReferralState.WAITING, by=by, at=now)
    referral.decided_by = by.staff_id
    event = InterviewAwaited(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        gaining_employer_id=referral.gaining_employer_id,
        vacancy_title=referral.vacancy_title,
        place=rules.place_in_queue(referral.id, queue),
    )
    contact = Contact(name=referral.name, email=referral.email)
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: contact})
    return referral


async def offer_interview(
    session: AsyncSession, referral_id: UUID, *, interview_at: datetime | None, by: Actor, now: datetime
) -> Referral:
    """R30: as of right for whoever meets the essential criteria; those who wait go by rank (R30a)."""
    referral = await open_for_gaining(session, referral_id, by)
    refuse_illegal(rules.NEXT_STATES, referral.state, ReferralState.INTERVIEW_OFFERED)
    queue = await queries.queue_of(session, referral.vacancy_id)
    rules.require_turn(referral.id, queue, places=await _interview_places(session, referral, now))
    move_referral(session, referral, ReferralState.INTERVIEW_OFFERED, by=by, at=now)
    referral.interview_at, referral.decided_by = interview_at, by.staff_id
    words = "You are invited to an interview. The council will be in touch about when and where."
    if interview_at is not None:
        words = "You are invited to an interview. The time is on your page."
    await tell_outcome(session, referral, words, at=now)
    return referral


async def _interview_places(session: AsyncSession, referral: Referral, now: datetime) -> int:
    """How many are seen at once (R30a), by the gaining council's policy."""
    vacancy = await get_vacancy(session, referral.vacancy_id)
    policy = await policy_on(session, vacancy.employer_id, local_date(now))
    return policy.interviews_per_opening * max(1, vacancy.openings_remaining)


async def record_interview(session: AsyncSession, referral_id: UUID, *, by: Actor, now: datetime) -> Referral:
    referral = await open_for_gaining(session, referral_id, by)
    move_referral(session, referral, ReferralState.INTERVIEWED, by=by, at=now)
    referral.decided_by = by.staff_id
    await tell_outcome(session, referral, "Your interview has taken place.", at=now)
    return referral


async def decline_to_appoint(
    session: AsyncSession, referral_id: UUID, reasons: str, *, by: Actor, now: datetime
) -> Referral:
    """R31: written reasons to the person, before other candidates are seen."""
    referral = await open_for_gaining(session, referral_id, by)
    move_referral(session, referral, ReferralState.NOT_APPOINTED, by=by, at=now)
    referral.reasons, referral.decided_by = reasons, by.staff_id
    await tell_outcome(session, referral, reasons, at=now)
    return referral


async def open_for_gaining(session: AsyncSession, referral_id: UUID, by: Actor) -> Referral:
    """Locked, for a decision of the gaining council. Raises ReferralUnknown, NotYourDecision, NotOpened."""
    referral = await queries.get_referral(session, referral_id, lock=True)
    by.must_act_for(referral.gaining_employer_id)
    await require_opened(session, referral, by)
    return referral
