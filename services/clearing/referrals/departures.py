"""A person leaves the register without a placement: everything of theirs that is open ends with it (R45, R47)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.audit.models import ActorKind
from services.clearing.matching.commands import end_matches
from services.clearing.matching.queries import live_matches_of
from services.clearing.matching.states import MatchState
from services.clearing.referrals import queries
from services.clearing.referrals.commands import end_referral
from services.clearing.referrals.lifecycle import tell_offer_ended
from services.clearing.referrals.states import ReferralState
from services.clearing.registrations.lifecycle import close_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import get_registration
from services.clearing.registrations.rules import require_may_close
from services.clearing.registrations.states import ClosingReason, RegistrationState
from services.clearing.trials.commands import leave_placements
from shared.calendar import local_date, start_of_local_day
from shared.due_rows import do_each, not_held_back

BATCH = 100
LEFT_THE_REGISTER = "You have left the redeployment register."
ENDING_WITH_EMPLOYMENT = (
    RegistrationState.DRAFT,
    RegistrationState.DUPLICATE,
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
    among = not_held_back(close_after_employment, Registration.id)
    due = await session.scalars(_past_employment(now).where(among).limit(BATCH))

    async def step(registration_id: UUID) -> None:
        registration = await get_registration(session, registration_id, lock=True)
        ends_on = registration.employment_ends_on
        is_still_due = await session.scalar(_past_employment(now).where(Registration.id == registration_id))
        if is_still_due is not None and ends_on is not None:
            at = max(start_of_local_day(ends_on + timedelta(days=1)), registration.state_since)
            await _leave(session, registration, ClosingReason.EMPLOYMENT_ENDED, by=SYSTEM, at=at)

    return await do_each(session, close_after_employment, due.all(), step)


def _past_employment(now: datetime) -> Select[UUID]:
    return (
        select(Registration.id)
        .where(
            Registration.state.in_(ENDING_WITH_EMPLOYMENT),
            Registration.employment_ends_on < local_date(now),
            ~queries.has_open_offer(Registration.id),
        )
        .order_by(Registration.employment_ends_on, Registration.id)
    )


async def _leave(
    session: AsyncSession, registration: Registration, reason: ClosingReason, *, by: Actor, at: datetime
) -> None:
    require_may_close(registration.state, reason)
    close_registration(session, registration, reason, by=by, at=at)
    for placement in await leave_placements(session, registration.id, reason, by=by, at=at):
        if reason is not ClosingReason.DIED:
            accepted = await queries.get_referral(session, placement.referral_id)
            offer = await queries.get_offer(session, placement.request_id)
            await tell_offer_ended(session, accepted, offer, "cancelled", "", at=at)
    # Nothing is written to the address of somebody who has died.
    reasons = None if reason is ClosingReason.DIED else LEFT_THE_REGISTER
    for referral in await queries.live_referrals_of(session, registration.id):
        await end_referral(session, referral, ReferralState.WITHDRAWN, reasons, by=by, at=at)
    await end_matches(session, await live_matches_of(session, registration.id), MatchState.VOID, at=at)
