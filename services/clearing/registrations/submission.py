"""A registration's way to the home council's HR.

Whoever registers themselves shows by a mailed link that the address is theirs. What is not confirmed blocks nobody's
employment (R6), reaches no HR, and is forgotten after two days.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import ActorKind
from services.clearing.audit.rules import refuse_illegal
from services.clearing.registrations import commands, queries, rules
from services.clearing.registrations.lifecycle import move_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.schemas import RegistrationCreate
from services.clearing.registrations.states import RegistrationSource, RegistrationState
from shared import outbox
from shared.database import enter
from shared.due_rows import do_each, not_held_back
from shared.events.base import ContactWithLink
from shared.events.registrations import RegistrationConfirmationWanted, RegistrationSubmitted
from shared.tenancy import Tenancy
from shared.vocabulary import Service

CONFIRM_PAGE = "/register/confirm"
NOT_YET_LIVE = frozenset({RegistrationState.UNCONFIRMED, RegistrationState.DUPLICATE})
# Longer than a link lives and the session that it opens.
KEPT_UNCONFIRMED = timedelta(days=2)
BATCH = 100


async def register_oneself(session: AsyncSession, facts: RegistrationCreate, *, now: datetime) -> Registration:
    """Keep what somebody wrote of themselves, and mail a link to the address that they gave.

    Nobody is signed in: the new row's own person is who writes it, and can reach no other. Raises
    RegistrantNotEmployee (R1), NotACouncil.
    """
    person_id = uuid4()
    await enter(session, Tenancy.person(person_id))
    by = Actor(ActorKind.PERSON, person_id)
    made = await commands.create_registration(session, facts, by=by, source=RegistrationSource.SELF, now=now)
    expires_at = now + commands.LINK_LIFE
    link = await commands.registrant_link(session, made.id, made.home_employer_id, expires_at, CONFIRM_PAGE)
    event = RegistrationConfirmationWanted(registration_id=made.id, expires_at=expires_at)
    sealed = ContactWithLink(name=made.name, email=made.email, link=link)
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: sealed})
    return made


async def submit_registration(
    session: AsyncSession, registration_id: UUID, *, by: Actor, now: datetime
) -> Registration:
    """Ask the home council's HR to verify it. The person gets a receipt, if they know of it (R58).

    Of two for one employment (R6) the later one waits as a duplicate, for HR to choose; its person reads what they
    would have read otherwise, so that nobody learns here who is displaced. Raises RegistrationAlreadyLive for HR.
    """
    registration = await queries.get_registration(session, registration_id, lock=True)
    if registration.state in NOT_YET_LIVE:
        await _become_live(session, registration, by=by, at=now)
    else:
        move_registration(session, registration, RegistrationState.SUBMITTED, by=by, at=now)
    registration.submitted_at = now
    registration.decision_reason = None
    if registration.person_told:
        event = RegistrationSubmitted(registration_id=registration.id, home_employer_id=registration.home_employer_id)
        await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: commands.contact_of(registration)})
    return registration


async def forget_unconfirmed(session: AsyncSession, now: datetime) -> int:
    """Due work: what nobody has confirmed is no registration, and nobody's to keep."""
    among = not_held_back(forget_unconfirmed, Registration.id)
    due = await queries.unconfirmed_before(session, now - KEPT_UNCONFIRMED, BATCH, among=among)

    async def step(registration_id: UUID) -> None:
        registration = await queries.get_registration(session, registration_id, lock=True)
        if registration.state is RegistrationState.UNCONFIRMED:
            await session.delete(registration)

    return await do_each(session, forget_unconfirmed, due, step)


async def _become_live(session: AsyncSession, registration: Registration, *, by: Actor, at: datetime) -> None:
    """R6 is held by a unique index: two at once, and one of them becomes the duplicate."""
    is_confirmed_now = registration.state is RegistrationState.UNCONFIRMED
    if is_confirmed_now is not (by.kind is ActorKind.PERSON):
        # Only the person can confirm their address, and only HR can choose between two.
        refuse_illegal(rules.NEXT_STATES, RegistrationState.SUBMITTED, RegistrationState.SUBMITTED)
    try:
        async with session.begin_nested():
            move_registration(session, registration, RegistrationState.SUBMITTED, by=by, at=at)
    except IntegrityError:
        if not is_confirmed_now:
            raise rules.RegistrationAlreadyLive(next_step="Reject or close the other registration first") from None
        await session.refresh(registration)
        move_registration(session, registration, RegistrationState.DUPLICATE, by=by, at=at)
