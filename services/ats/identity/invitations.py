"""Choosing a password by a link that only its owner gets: after an invitation, or for one that is forgotten.

An administrator decides that somebody is asked, and never sees the link: whoever holds it signs in as that person.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import SYSTEM, Actor, ActorKind
from services.ats.identity import commands, queries, rules
from services.ats.identity.auditing import audit_staff
from services.ats.identity.models import StaffCredential
from shared import outbox
from shared.addresses import public_url
from shared.events.ats import PasswordResetRequested, StaffInvited
from shared.events.base import ContactWithLink
from shared.links import issue_link, link_url, revoke_links
from shared.principals import Principal, employers_of, reaches_region
from shared.registry import StaffMember, find_staff
from shared.vocabulary import Service

INVITATION = "invitation"
RESET = "password-reset"


async def invite_staff(session: AsyncSession, person: StaffMember, *, now: datetime, caller: Principal) -> None:
    """Mail somebody a link to choose a password; older ones stop working."""
    url = await invitation_for(session, person, now=now, caller=caller)
    event = StaffInvited(staff_id=person.id, employer_id=_only_employer(person), expires_at=now + rules.INVITATION_LIFE)
    sealed = ContactWithLink(name=person.name, email=person.email, link=url)
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def invitation_for(session: AsyncSession, person: StaffMember, *, now: datetime, caller: Principal) -> str:
    """Make the link itself. For the command line, whose operator makes the first account before there is any mail."""
    await revoke_links(session, person.id, now=now, purpose=INVITATION)
    token = await issue_link(
        session,
        purpose=INVITATION,
        subject_id=person.id,
        employer_id=None,
        expires_at=now + rules.INVITATION_LIFE,
    )
    audit_staff(session, "staff_invited", person, by=Actor.of(caller), at=now)
    return link_url(public_url(Service.ATS), token)


async def send_password_reset(session: AsyncSession, email: str, *, now: datetime) -> None:
    """For whoever asks at the public page. Says nothing about whether there is such an account.

    A link that is on its way stays good, so that a stranger who asks as well takes nothing away.
    """
    credential = await queries.find_credential(session, rules.login_of(email))
    person = await find_staff(session, credential.staff_id) if credential else None
    if person is None or not person.is_active:
        return
    expires_at = now + rules.RESET_LIFE
    token = await issue_link(session, purpose=RESET, subject_id=person.id, employer_id=None, expires_at=expires_at)
    audit_staff(session, "password_reset_asked", person, by=SYSTEM, at=now)
    event = PasswordResetRequested(staff_id=person.id, employer_id=_only_employer(person), expires_at=expires_at)
    sealed = ContactWithLink(name=person.name, email=person.email, link=link_url(public_url(Service.ATS), token))
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def set_password(session: AsyncSession, person: StaffMember, password_hash: str, *, now: datetime) -> None:
    """Store a new password; every session and every other link of the old one ends."""
    credential = await session.get_one(StaffCredential, person.id, with_for_update=True)
    credential.password_hash = password_hash
    for purpose in (INVITATION, RESET):
        await revoke_links(session, person.id, now=now, purpose=purpose)
    await commands.end_sessions(session, person.id, now=now)
    audit_staff(session, "password_chosen", person, by=Actor(ActorKind.STAFF, person.id), at=now)


def _only_employer(person: StaffMember) -> UUID | None:
    employers = employers_of(person.grants)
    return next(iter(employers)) if len(employers) == 1 and not reaches_region(person.grants) else None
