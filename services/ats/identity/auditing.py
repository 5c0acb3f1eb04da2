"""Who changed an account or a system, at which employers: a row of the audit for each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.identity.models import ApiClient, SigningKey
from shared.events.ats import RoleGrant
from shared.principals import employers_of, reaches_region
from shared.registry import StaffMember


def audit_staff(session: AsyncSession, action: str, person: StaffMember, *, by: Actor, at: datetime) -> None:
    """At every employer that the person works for."""
    for employer_id in _places(employers_of(person.grants), is_region=reaches_region(person.grants)):
        write_audit(session, action, Subject("staff", person.id, employer_id), actor=by, at=at)


def audit_grants(
    session: AsyncSession,
    staff_id: UUID,
    *,
    before: Collection[RoleGrant],
    after: Collection[RoleGrant],
    by: Actor,
    at: datetime,
) -> None:
    """Where somebody's roles are others than before, with the roles given and taken."""
    given, taken = set(after) - set(before), set(before) - set(after)
    for employer_id in sorted({grant.employer_id for grant in given | taken}, key=str):
        subject = Subject("staff", staff_id, employer_id)
        words = [f"{what} {_roles(grants, employer_id)}" for what, grants in (("gave", given), ("took", taken))]
        told = "; ".join(each for each in words if not each.endswith(" "))
        write_audit(session, "roles_changed", subject, actor=by, at=at, reason=told)


def audit_client(
    session: AsyncSession,
    action: str,
    client: ApiClient,
    *,
    by: Actor,
    at: datetime,
    employer_ids: Iterable[UUID] | None = None,
) -> None:
    """With what the client may do. At `employer_ids`, or at every employer that it serves."""
    places = client.employer_ids if employer_ids is None else employer_ids
    for employer_id in _places(places, is_region=client.is_region):
        subject = Subject("api_client", client.id, employer_id)
        write_audit(session, action, subject, actor=by, at=at, reason=" ".join(client.scopes))


def audit_key(session: AsyncSession, key: SigningKey, *, by: Actor, at: datetime) -> None:
    write_audit(session, "signing_key_made", Subject("signing_key", key.key_id, None), actor=by, at=at)


def _places(employer_ids: Iterable[UUID], *, is_region: bool) -> list[UUID | None]:
    """The employers, and WME itself where the whole region is reached or nobody's else it is."""
    found: list[UUID | None] = [*sorted(employer_ids)]
    return [*found, None] if is_region or not found else found


def _roles(grants: Iterable[RoleGrant], employer_id: UUID | None) -> str:
    return ", ".join(sorted(grant.role for grant in grants if grant.employer_id == employer_id))
