from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import ActorKind
from services.clearing.registrations import queries, rules
from services.clearing.registrations.lifecycle import move_registration, note_registration
from services.clearing.registrations.models import RedundancyCost, Registration
from services.clearing.registrations.schemas import RegistrationChange, RegistrationCreate
from services.clearing.registrations.states import RegistrationSource, RegistrationState
from services.clearing.registrations.wishes import RedundancyCosts, Wishes
from shared import outbox
from shared.addresses import public_url
from shared.errors import DomainError, Forbidden, Invalid
from shared.etag import refuse_stale
from shared.events.base import Contact, ContactWithLink
from shared.events.registrations import SignInLinkRequested
from shared.links import issue_link, link_url
from shared.reference.employers import EmployerKind
from shared.reference.pay import band_of_person
from shared.registry import EmployerUnknown, get_employer_by_code
from shared.sealing import person_key
from shared.vocabulary import Service

LINK_PURPOSE = "registrant"
LINK_LIFE = timedelta(hours=24)
VERIFIED_DATES = frozenset({"notice_given_on", "employment_ends_on"})
BEFORE_VERIFICATION = frozenset({RegistrationState.UNCONFIRMED, RegistrationState.DRAFT, RegistrationState.RETURNED})
OVER = frozenset({RegistrationState.REJECTED, RegistrationState.PLACED, RegistrationState.CLOSED})
FACTS = (
    "employee_number", "employment", "name", "email", "reason", "job_title", "at_risk_on", "notice_given_on",
    "employment_ends_on", "grade_top_scp", "grade_top_pence", "fte_pay_pence", "pay_effective_from", "outcode",
    "person_told",
)  # fmt: skip


class PersonNotTold(DomainError):
    """R58: nobody learns of being at risk from this system."""

    code: ClassVar[str] = "person_not_told"
    title: ClassVar[str] = "The person has not been told yet"


class DatesVerified(DomainError):
    """R4: HR has confirmed them."""

    code: ClassVar[str] = "dates_verified"
    title: ClassVar[str] = "HR has been given these dates to verify, so they do not change here"


class CostsNotYours(Forbidden):
    code: ClassVar[str] = "costs_not_yours"
    title: ClassVar[str] = "What a dismissal would cost is for the council to say"


class HoursOutOfOrder(Invalid):
    code: ClassVar[str] = "hours_out_of_order"
    title: ClassVar[str] = "The fewest hours are more than the most"


class NotACouncil(Invalid):
    code: ClassVar[str] = "not_a_council"
    title: ClassVar[str] = "Only a council registers displaced employees"


async def create_registration(
    session: AsyncSession,
    facts: RegistrationCreate,
    *,
    by: Actor,
    source: RegistrationSource,
    now: datetime,
) -> Registration:
    """Enter one employment of one displaced employee: a draft of HR's (R1, R6), or what a person has to confirm."""
    rules.require_employee(facts.employment_kind)
    employer = await get_employer_by_code(session, facts.employer)
    if source is RegistrationSource.HR and not by.reaches(employer.id):
        raise EmployerUnknown(field="employer")
    if employer.kind != EmployerKind.COUNCIL:
        raise NotACouncil(field="employer")
    registration = Registration(
        # A person who registers themselves writes as the subject of this very row.
        id=by.id if source is RegistrationSource.SELF and by.id is not None else uuid4(),
        home_employer_id=employer.id,
        person_key=person_key(facts.email),
        source=source,
        state=RegistrationState.UNCONFIRMED if source is RegistrationSource.SELF else RegistrationState.DRAFT,
        band=band_of_person(
            on=facts.pay_effective_from,
            grade_top_scp=facts.grade_top_scp,
            grade_top_pence=facts.grade_top_pence,
            fte_pence=facts.fte_pay_pence,
        ),
        hours_hundredths=int(facts.hours_per_week * 100),
        created_at=now,
        state_since=now,
        registered_by=by.id,
        **{name: getattr(facts, name) for name in FACTS},
        **_stored(facts),
    )
    await _add_unique(session, registration)
    if facts.redundancy is not None:
        session.add(_costs_of(registration, facts.redundancy))
    note_registration(session, registration, None, by=by, at=now)
    return registration


async def change_registration(
    session: AsyncSession,
    registration_id: UUID,
    changes: RegistrationChange,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Registration:
    """Change what was sent and nothing else. Whoever is active is matched anew.

    A person's own word about a skill stays a declaration until somebody else confirms it. Dates that HR has verified
    do not change here. Raises StaleVersion, DatesVerified, HoursOutOfOrder.
    """
    registration = await queries.get_registration(session, registration_id, lock=True)
    refuse_stale(expected_version, registration.version)
    if registration.state in OVER:
        raise DomainError("A registration that is over does not change.")
    stored = _stored(changes)
    if by.kind is ActorKind.PERSON and "skills" in stored:
        stored["skills"] = _declared(stored["skills"], registration.skills)
    dates = {name: getattr(changes, name) for name in VERIFIED_DATES & changes.model_fields_set}
    if registration.state not in BEFORE_VERIFICATION and any(
        value != getattr(registration, name) for name, value in dates.items()
    ):
        raise DatesVerified(field=min(dates))
    for name, value in (stored | dates).items():
        setattr(registration, name, value)
    if registration.hours_min > registration.hours_max:
        raise HoursOutOfOrder(field="hours_min")
    if "redundancy" in changes.model_fields_set:
        await _replace_costs(session, registration, changes.redundancy, by)
    if registration.state is RegistrationState.ACTIVE:
        registration.match_due_at = now
    registration.version += 1
    return registration


async def _replace_costs(
    session: AsyncSession, registration: Registration, costs: RedundancyCosts | None, by: Actor
) -> None:
    """The home council's figures are not the person's to change (nor, by row-level security, to see)."""
    if by.kind is ActorKind.PERSON:
        raise CostsNotYours(field="redundancy")
    known = await queries.find_redundancy_cost(session, registration.id)
    if known is not None:
        await session.delete(known)
        await session.flush()
    if costs is not None:
        session.add(_costs_of(registration, costs))


def _costs_of(registration: Registration, costs: RedundancyCosts) -> RedundancyCost:
    return RedundancyCost(
        registration_id=registration.id, home_employer_id=registration.home_employer_id, **costs.model_dump()
    )


async def tell_person(session: AsyncSession, registration_id: UUID, *, now: datetime) -> Registration:
    """Record that the council has told the person: from now on we may write to them (R58)."""
    registration = await queries.get_registration(session, registration_id, lock=True)
    registration.person_told = True
    registration.version += 1
    if registration.activate_at is not None:
        registration.activate_at = max(registration.activate_at, now)
    return registration


async def suspend_registration(
    session: AsyncSession, registration_id: UUID, reason: str, *, by: Actor, now: datetime
) -> Registration:
    """A human's decision with a reason: never for HR's own lateness (R7)."""
    registration = await queries.get_registration(session, registration_id, lock=True)
    by.must_act_for(registration.home_employer_id)
    move_registration(session, registration, RegistrationState.SUSPENDED, by=by, at=now)
    registration.decision_reason = reason
    return registration


async def resume_registration(
    session: AsyncSession, registration_id: UUID, *, by: Actor, now: datetime
) -> Registration:
    registration = await queries.get_registration(session, registration_id, lock=True)
    by.must_act_for(registration.home_employer_id)
    move_registration(session, registration, RegistrationState.ACTIVE, by=by, at=now)
    registration.decision_reason = None
    return registration


async def send_sign_in_link(session: AsyncSession, registration: Registration, *, now: datetime) -> None:
    """Mail a single-use link to the person's own pages. Raises PersonNotTold (R58)."""
    if not registration.person_told:
        raise PersonNotTold(next_step="Record that the person has been told, then send the link")
    expires_at = now + LINK_LIFE
    link = await registrant_link(session, registration.id, registration.home_employer_id, expires_at)
    event = SignInLinkRequested(
        registration_id=registration.id, home_employer_id=registration.home_employer_id, expires_at=expires_at
    )
    sealed = ContactWithLink(name=registration.name, email=registration.email, link=link)
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def send_sign_in_links(session: AsyncSession, email: str, *, now: datetime) -> None:
    """For whoever asks at the public page. Says nothing about whether anybody is known by this address."""
    known: Sequence[Registration] = await queries.open_registrations_of(session, person_key(email))
    for registration in known:
        if registration.person_told:
            await send_sign_in_link(session, registration, now=now)


async def registrant_link(
    session: AsyncSession, registration_id: UUID, home_employer_id: UUID, expires_at: datetime, path: str = "/my"
) -> str:
    """The address of a person's own page, to put into a message and nowhere else."""
    token = await issue_link(
        session,
        purpose=LINK_PURPOSE,
        subject_id=registration_id,
        employer_id=home_employer_id,
        expires_at=expires_at,
        path=path,
    )
    return link_url(public_url(Service.CLEARING), token)


def contact_of(registration: Registration) -> Contact:
    return Contact(name=registration.name, email=registration.email)


def _stored(wishes: Wishes) -> dict[str, Any]:
    """Wishes as columns: hours in hundredths, lists as plain values; of a change only what was sent."""
    wanted = set(Wishes.model_fields)
    if isinstance(wishes, RegistrationChange):
        wanted &= wishes.model_fields_set
    values = wishes.model_dump(mode="json", include=wanted)
    hours = {name: int(getattr(wishes, name) * 100) for name in ("hours_min", "hours_max") if name in values}
    return values | hours


def _declared(said: list[Any] | None, known: list[Any] | None) -> list[Any] | None:
    """What a person says of themselves: confirmed only where it was, at the very same level."""
    confirmed = {(each["skill_id"], each["level"]) for each in known or () if each["is_confirmed"]}
    if said is None:
        return None
    return [each | {"is_confirmed": (each["skill_id"], each["level"]) in confirmed} for each in said]


async def _add_unique(session: AsyncSession, registration: Registration) -> None:
    """R6 is held by a unique index: two at once, and one of them is refused."""
    try:
        async with session.begin_nested():
            session.add(registration)
    except IntegrityError:
        raise rules.RegistrationAlreadyLive(
            field="employee_number", next_step="Open the registration that this employment already has"
        ) from None
