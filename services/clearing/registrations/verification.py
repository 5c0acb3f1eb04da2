"""What the home council's HR decides about a registration: verify, return, reject (R4, R5, R10)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.registrations import queries, rules
from services.clearing.registrations.commands import contact_of
from services.clearing.registrations.lifecycle import move_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import TierEvidence, Verifier
from services.clearing.registrations.schemas import Verification
from services.clearing.registrations.states import RegistrationState
from shared import outbox
from shared.calendar import local_date, start_of_local_day
from shared.due_rows import do_each, not_held_back
from shared.errors import Invalid
from shared.events.base import ContactWithReasons
from shared.events.registrations import RegistrationReturned, RegistrationVerified
from shared.registry import get_staff
from shared.sealing import person_key
from shared.vocabulary import Service

BATCH = 100


class TierNotSupported(Invalid):
    code: ClassVar[str] = "tier_not_supported"
    title: ClassVar[str] = "The evidence does not support this tier"


async def verify_registration(
    session: AsyncSession, registration_id: UUID, found: Verification, *, by: Actor, now: datetime
) -> Registration:
    """A named HR verifier of the home council confirms status and evidence; the tier is theirs to set (R4, R10, R50).

    The person becomes active at once, or on the day they are at risk from, but never before they have been told.
    """
    registration = await queries.get_registration(session, registration_id, lock=True)
    await _require_verifier(session, registration, by)
    _require_tier(registration, found, now)
    move_registration(session, registration, RegistrationState.VERIFIED, by=by, at=now)
    registration.tier = found.tier
    registration.protected_until = found.protected_until if found.tier == 1 else None
    registration.band = found.band or registration.band
    registration.verified_at = now
    registration.verified_by = by.staff_id
    registration.activate_at = now
    if registration.at_risk_on is not None:
        registration.activate_at = max(now, start_of_local_day(registration.at_risk_on))
    await _activate(session, registration, now)
    return registration


async def return_registration(
    session: AsyncSession, registration_id: UUID, reason: str, *, by: Actor, now: datetime
) -> Registration:
    """Back to whoever submitted it, with what is missing."""
    registration = await queries.get_registration(session, registration_id, lock=True)
    await _require_verifier(session, registration, by)
    move_registration(session, registration, RegistrationState.RETURNED, by=by, at=now)
    registration.decision_reason = reason
    if registration.person_told:
        event = RegistrationReturned(registration_id=registration.id, home_employer_id=registration.home_employer_id)
        sealed = ContactWithReasons(name=registration.name, email=registration.email, reasons=reason)
        await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: sealed})
    return registration


async def reject_registration(
    session: AsyncSession, registration_id: UUID, reason: str, *, by: Actor, now: datetime
) -> Registration:
    registration = await queries.get_registration(session, registration_id, lock=True)
    await _require_verifier(session, registration, by)
    move_registration(session, registration, RegistrationState.REJECTED, by=by, at=now)
    registration.decision_reason = reason
    return registration


async def activate_registrations(session: AsyncSession, now: datetime) -> int:
    """Due work: verified people whose day has come and who have been told."""
    among = not_held_back(activate_registrations, Registration.id)
    due = await queries.due_to_activate(session, now, BATCH, among=among)

    async def step(registration_id: UUID) -> None:
        registration = await queries.get_registration(session, registration_id, lock=True)
        if registration.state is RegistrationState.VERIFIED and registration.activate_at is not None:
            await _activate(session, registration, min(registration.activate_at, now))

    return await do_each(session, activate_registrations, due, step)


async def _activate(session: AsyncSession, registration: Registration, at: datetime) -> None:
    """Only when the day has come and the person knows; else `activate_registrations` does it later."""
    if not registration.person_told or registration.activate_at is None or registration.activate_at > at:
        return
    move_registration(session, registration, RegistrationState.ACTIVE, by=SYSTEM, at=at)
    registration.activate_at = None
    event = RegistrationVerified(registration_id=registration.id, home_employer_id=registration.home_employer_id)
    await outbox.record(session, event, now=at, sealed={Service.NOTIFICATIONS: contact_of(registration)})


async def _require_verifier(session: AsyncSession, registration: Registration, by: Actor) -> None:
    """R4. Raises VerifierNotAllowed."""
    staff_id = by.staff_id
    if staff_id is None:
        raise rules.VerifierNotAllowed("A named member of staff verifies a registration.")
    verifier = await get_staff(session, staff_id)
    is_registrant = person_key(verifier.email) == registration.person_key
    rules.require_verifier(Verifier(staff_id, by.employer_ids, is_registrant), registration.home_employer_id)


def _require_tier(registration: Registration, found: Verification, now: datetime) -> None:
    """The human's tier has to be the one that the evidence they saw supports (R10)."""
    evidence = TierEvidence(found.protected_until, found.occupational_health_advised)
    supported = rules.tier_of(registration.reason, evidence, local_date(now))
    if found.tier != supported:
        raise TierNotSupported(
            f"The reason and the evidence given support tier {supported}.",
            field="tier",
            next_step="Correct the tier or the evidence",
        )
