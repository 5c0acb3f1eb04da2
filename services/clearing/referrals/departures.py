"""A person leaves the register without a placement: everything of theirs that is open ends with it (R45, R47)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.audit.models import ActorKind
from services.clearing.matching.commands import end_matches
from services.clearing.matching.queries import live_matches_of
from services.clearing.matching.states import MatchState
from services.clearing.referrals import queries
from services.clearing.referrals.commands import end_referral
from services.clearing.referrals.states import ReferralState
from services.clearing.registrations.lifecycle import close_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import get_registration
from services.clearing.registrations.rules import require_may_close
from services.clearing.registrations.states import ClosingReason, RegistrationState
from services.clearing.trials.commands import leave_placements
from shared.calendar import local_date, start_of_local_day

BATCH = 100
LEFT_THE_REGISTER = "You have left the redeployment register."
ENDING_WITH_EMPLOYMENT = (
    RegistrationState.DRAFT,
    RegistrationState.SUBMITTED,
    RegistrationState.RETURNED,
    RegistrationState.VERIFIED,
    RegistrationState.ACTIVE,
    RegistrationState.SUSPENDED,
)
"""R47: whoever has accepted an offer, or may still accept one, stays past the end of the old employment."""


async def leave_register(
    session: AsyncSession, registration_id: UUID, reason: ClosingReason, *, by: Actor, now: datetime
) -> Registration:
    """By the person, or by the home council's HR with a reason of R45.

    A post that they had accepted, or were trying, is free again. Raises IllegalTransition, PlacementUnderWay.
    """
    registration = await get_registration(session, registration_id, lock=True)
    if by.kind is not ActorKind.PERSON:
        by.must_act_for(registration.home_employer_id)
    await _leave(session, registration, reason, by=by, at=now)
    return registration


async def close_after_employment(session: AsyncSession, now: datetime) -> int:
    """Due work: employment ended with no accepted offer, as of the first moment of the day after (R45)."""
    due = await session.scalars(
        select(Registration)
        .where(
            Registration.state.in_(ENDING_WITH_EMPLOYMENT),
            Registration.employment_ends_on < local_date(now),
            ~queries.has_open_offer(Registration.id),
        )
        .order_by(Registration.employment_ends_on, Registration.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for registration in due.all():
        assert registration.employment_ends_on is not None
        ended_at = start_of_local_day(registration.employment_ends_on + timedelta(days=1))
        at = max(ended_at, registration.state_since)
        await _leave(session, registration, ClosingReason.EMPLOYMENT_ENDED, by=SYSTEM, at=at)
        count += 1
    return count


async def _leave(
    session: AsyncSession, registration: Registration, reason: ClosingReason, *, by: Actor, at: datetime
) -> None:
    require_may_close(registration.state, reason)
    close_registration(session, registration, reason, by=by, at=at)
    await leave_placements(session, registration.id, reason, by=by, at=at)
    for referral in await queries.live_referrals_of(session, registration.id):
        await end_referral(session, referral, ReferralState.WITHDRAWN, LEFT_THE_REGISTER, by=by, at=at)
    await end_matches(session, await live_matches_of(session, registration.id), MatchState.VOID, at=at)
