"""Making and changing staff and API clients. All of it needs a region session: the rules here say who may do what."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.identity import queries, rules
from services.ats.identity.auditing import audit_client, audit_grants, audit_staff
from services.ats.identity.models import ApiClient, StaffCredential
from shared import outbox, registry, sessions
from shared.errors import DomainError
from shared.etag import refuse_stale
from shared.events.ats import RoleGrant, StaffChanged, StaffContact, StaffSessionsEnded
from shared.principals import Principal, PrincipalKind, employers_of, reaches_region
from shared.registry import StaffMember, staff, staff_values
from shared.sessions import token_hash
from shared.vocabulary import Scope, Service

WME = Principal(kind=PrincipalKind.STAFF, is_region=True)
"""Who acts when a command line, a seed or a demonstration does: WME's own administration."""

SECRET_PREFIX = "wmes_"  # noqa: S105 # makes a leaked one recognisable


class EmailTaken(DomainError):
    code = "email_taken"
    title = "Somebody with this e-mail address has an account already"


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Somebody to make an account for. `password_hash` only where no invitation is sent."""

    name: str
    email: str
    grants: tuple[RoleGrant, ...]
    password_hash: str | None = None
    id: UUID | None = None

    def __repr__(self) -> str:
        return "NewStaff(…)"


@dataclass(frozen=True, slots=True)
class NewClient:
    """A system to give access to. `is_region` is for WME's own and for job boards that serve every employer."""

    name: str
    scopes: tuple[Scope, ...]
    employer_ids: tuple[UUID, ...] = ()
    is_region: bool = False
    link_address: str | None = None


async def create_staff(session: AsyncSession, new: NewStaff, *, now: datetime, caller: Principal = WME) -> StaffMember:
    """Make an account and tell the other services. Raises GrantNotYours, GrantMalformed or EmailTaken."""
    rules.check_grants(caller, new.grants)
    await _employers_exist(session, new.grants)
    staff_id = new.id or uuid4()
    credential = insert(StaffCredential).values(
        staff_id=staff_id, login=rules.login_of(new.email), password_hash=new.password_hash
    )
    made = await session.scalar(credential.on_conflict_do_nothing().returning(StaffCredential.staff_id))
    if made is None:
        raise EmailTaken(field="email")
    person = StaffMember(staff_id, 1, True, new.grants, new.name, new.email)
    await session.execute(insert(staff).values(_values(person)))
    await _announce(session, person, now)
    actor = Actor.of(caller)
    audit_staff(session, "staff_created", person, by=actor, at=now)
    audit_grants(session, person.id, before=(), after=person.grants, by=actor, at=now)
    return person


async def change_grants(
    session: AsyncSession,
    staff_id: UUID,
    given: tuple[RoleGrant, ...],
    *,
    expected_version: int | None,
    now: datetime,
    caller: Principal,
) -> StaffMember:
    """Say what somebody holds at the caller's employers; open sessions have it at once.

    Raises OwnRoles, StaffUnknown, GrantNotYours, GrantMalformed, StaleVersion.
    """
    rules.refuse_own_roles(caller, staff_id)
    rules.check_grants(caller, given)
    await _employers_exist(session, given)
    person = await _locked(session, staff_id, expected_version, caller)
    after = rules.grants_after(caller, person.grants, given)
    audit_grants(session, person.id, before=person.grants, after=after, by=Actor.of(caller), at=now)
    return await _changed(session, person, now, grants=after)


async def deactivate_staff(
    session: AsyncSession, staff_id: UUID, *, expected_version: int | None, now: datetime, caller: Principal
) -> StaffMember:
    """Close an account and end its sessions. Raises ServesOthersToo when it holds roles at other employers."""
    person = await _locked(session, staff_id, expected_version, caller)
    check_whole_account(caller, person)
    changed = await _changed(session, person, now, grants=person.grants, is_active=False)
    await end_sessions(session, staff_id, now=now)
    audit_staff(session, "staff_deactivated", person, by=Actor.of(caller), at=now)
    return changed


def check_whole_account(caller: Principal, person: StaffMember) -> None:
    """Raise ServesOthersToo unless the caller administers every employer this person works for.

    A council's administrator must not be able to take over the account of somebody who serves others too.
    """
    if not rules.administers_all(caller, employers_of(person.grants), is_region=reaches_region(person.grants)):
        raise rules.ServesOthersToo(next_step="Take away the roles at your own employers, or ask WME")


async def end_sessions(session: AsyncSession, staff_id: UUID, *, now: datetime) -> None:
    """Sign somebody out here and, by an event, everywhere."""
    ended_at = await session.scalar(select(func.clock_timestamp()))
    if ended_at is None:
        raise TypeError("the database always knows the time")
    await sessions.end_sessions_of(session, staff_id, ended_at)
    await outbox.record(session, StaffSessionsEnded(staff_id=staff_id, ended_at=ended_at), now=now)


async def create_api_client(
    session: AsyncSession, new: NewClient, *, now: datetime, caller: Principal = WME
) -> tuple[ApiClient, str]:
    """Make a client. Returns it with its secret, which is stored nowhere.

    Raises ServesNobody, GrantNotYours or EmployerUnknown.
    """
    if not (new.is_region or new.employer_ids):
        raise rules.ServesNobody(field="employer_codes", next_step="Name the employers that the system acts for")
    if not rules.administers_all(caller, new.employer_ids, is_region=new.is_region):
        raise rules.GrantNotYours(field="employer_codes")
    for employer_id in new.employer_ids:
        await registry.get_employer(session, employer_id)
    secret = _new_secret()
    client = ApiClient(
        name=new.name,
        secret_hash=token_hash(secret),
        scopes=sorted(new.scopes),
        employer_ids=[] if new.is_region else sorted(new.employer_ids),
        is_region=new.is_region,
        created_at=now,
        link_address=new.link_address,
    )
    session.add(client)
    audit_client(session, "api_client_created", client, by=Actor.of(caller), at=now)
    await session.flush()
    return client, secret


async def rotate_client_secret(
    session: AsyncSession, client_id: UUID, *, now: datetime, caller: Principal
) -> tuple[ApiClient, str]:
    """Replace the secret at once; tokens already issued end within ten minutes. Raises ServesOthersToo."""
    client = await queries.get_client(session, client_id, caller=caller, lock=True)
    if not rules.administers_all(caller, client.employer_ids, is_region=client.is_region):
        raise rules.ServesOthersToo
    secret = _new_secret()
    client.secret_hash = token_hash(secret)
    audit_client(session, "client_secret_rotated", client, by=Actor.of(caller), at=now)
    return client, secret


async def revoke_client(session: AsyncSession, client_id: UUID, *, now: datetime, caller: Principal) -> ApiClient:
    """End a client's access to the caller's employers; with none left, the client itself."""
    client = await queries.get_client(session, client_id, caller=caller, lock=True)
    left = [] if caller.is_region else [each for each in client.employer_ids if each not in caller.employer_ids]
    lost = set(client.employer_ids) - set(left)
    audit_client(session, "api_client_revoked", client, by=Actor.of(caller), at=now, employer_ids=lost)
    client.employer_ids = left
    client.is_active = client.is_active and bool(left)
    return client


async def _locked(
    session: AsyncSession, staff_id: UUID, expected_version: int | None, caller: Principal
) -> StaffMember:
    await session.execute(select(staff.c.id).where(staff.c.id == staff_id).with_for_update())
    person = await queries.get_visible_staff(session, staff_id, caller=caller)
    refuse_stale(expected_version, person.version)
    return person


async def _changed(
    session: AsyncSession, person: StaffMember, now: datetime, *, grants: Iterable[RoleGrant], is_active: bool = True
) -> StaffMember:
    changed = StaffMember(
        person.id, person.version + 1, person.is_active and is_active, tuple(grants), person.name, person.email
    )
    await session.execute(staff.update().where(staff.c.id == person.id).values(_values(changed)))
    await _announce(session, changed, now)
    return changed


async def _announce(session: AsyncSession, person: StaffMember, now: datetime) -> None:
    contact = StaffContact(name=person.name, email=person.email)
    event = StaffChanged(staff_id=person.id, version=person.version, is_active=person.is_active, grants=person.grants)
    await outbox.record(session, event, now=now, sealed={Service.CLEARING: contact, Service.NOTIFICATIONS: contact})


async def _employers_exist(session: AsyncSession, grants: Iterable[RoleGrant]) -> None:
    for employer_id in {grant.employer_id for grant in grants if grant.employer_id is not None}:
        await registry.get_employer(session, employer_id)


def _values(person: StaffMember) -> dict[str, object]:
    contact = StaffContact(name=person.name, email=person.email)
    return staff_values(person.id, person.version, person.is_active, person.grants, contact)


def _new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)
