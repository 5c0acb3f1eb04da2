"""Somebody says that two are one person, or two people, and takes it back. Nothing of the applications changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import ApplicationNotFound
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.duplicates import queries
from services.ats.duplicates.queries import Compared
from services.ats.duplicates.rules import Decided, people_of, told_apart
from services.ats.duplicates.schemas import PersonLinkCreate
from services.ats.persons.models import PersonLink
from services.ats.persons.queries import links_in_force
from services.ats.persons.states import LinkReason, LinkVerdict
from shared.errors import DomainError, Invalid

MADE = {LinkVerdict.ONE_PERSON: "people_merged", LinkVerdict.TWO_PEOPLE: "people_told_apart"}
UNDONE = {LinkVerdict.ONE_PERSON: "people_unmerged", LinkVerdict.TWO_PEOPLE: "people_not_told_apart"}


class OneAddress(Invalid):
    code = "one_address"
    title = "Both applications are of one address, and so of one person"


class OtherEmployers(Invalid):
    code = "other_employers"
    title = "The two applications are not one employer's"


class OnePersonAlready(DomainError):
    code = "one_person_already"
    title = "The two are one person by what was decided before"


class ToldApartAlready(DomainError):
    code = "told_apart_already"
    title = "The two are two people by what was decided before"


class LinkUndone(DomainError):
    code = "person_link_undone"
    title = "This was taken back before"


async def decide(session: AsyncSession, wanted: PersonLinkCreate, *, actor: Actor, now: datetime) -> PersonLink:
    """Raises ApplicationNotFound (of one whose candidate is not shown yet too), OneAddress, OtherEmployers,
    OnePersonAlready, ToldApartAlready.
    """
    first, second = await compare(session, wanted.application_ids)
    employer_id = first.application.employer_id
    await _wait_turn(session, employer_id)
    _refuse_decided(first, second, await links_in_force(session, employer_id))
    link = PersonLink(
        employer_id=employer_id,
        first_key=first.application.person_key,
        second_key=second.application.person_key,
        first_application_id=first.application.id,
        second_application_id=second.application.id,
        verdict=wanted.verdict,
        reason=wanted.reason,
        decided_by=actor.id,
        decided_at=now,
    )
    session.add(link)
    await session.flush()
    _audit(session, link, MADE[link.verdict], wanted.reason, actor=actor, at=now)
    return link


async def take_back(
    session: AsyncSession, link_id: UUID, reason: LinkReason, *, actor: Actor, now: datetime
) -> PersonLink:
    """All is as if it had not been decided. Raises PersonLinkNotFound, LinkUndone."""
    link = await queries.get_link(session, link_id, lock=True)
    if link.undone_at is not None:
        raise LinkUndone
    link.undone_at, link.undone_by, link.undo_reason = now, actor.id, reason
    _audit(session, link, UNDONE[link.verdict], reason, actor=actor, at=now)
    return link


async def compare(session: AsyncSession, application_ids: Sequence[UUID]) -> tuple[Compared, Compared]:
    """The two in the order of their person keys. Raises ApplicationNotFound, OneAddress, OtherEmployers."""
    found = await queries.compared(session, application_ids)
    if len(found) != len(set(application_ids)):
        raise ApplicationNotFound
    sides = sorted(found.values(), key=lambda each: each.application.person_key)
    if len({each.application.person_key for each in sides}) == 1:
        raise OneAddress(field="application_ids", next_step="Name applications of two addresses.")
    first, second = sides
    if first.application.employer_id != second.application.employer_id:
        raise OtherEmployers(field="application_ids", next_step="Each employer decides about its own candidates.")
    return first, second


async def _wait_turn(session: AsyncSession, employer_id: UUID) -> None:
    """One decision of an employer at a time: each depends on those before it."""
    lock = int.from_bytes(hashlib.sha256(b"people" + employer_id.bytes).digest()[:8], signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))


def _refuse_decided(first: Compared, second: Compared, links: Sequence[PersonLink]) -> None:
    """Raises OnePersonAlready, ToldApartAlready."""
    decided = [Decided(each.first_key, each.second_key, each.verdict) for each in links]
    people = people_of(decided)
    keys = [each.application.person_key for each in (first, second)]
    pair = frozenset(people.get(key, key) for key in keys)
    step = "Take back the decision that says so first; GET /v1/person-links lists them."
    if len(pair) == 1:
        raise OnePersonAlready(next_step=step)
    if pair in told_apart(decided):
        raise ToldApartAlready(next_step=step)


def _audit(
    session: AsyncSession, link: PersonLink, action: str, reason: LinkReason, *, actor: Actor, at: datetime
) -> None:
    """Under the decision, and under each of the two applications that were compared."""
    subjects = [("person_link", link.id)]
    subjects += [("application", each) for each in (link.first_application_id, link.second_application_id)]
    for kind, subject_id in subjects:
        subject = Subject(kind, subject_id, link.employer_id)
        write_audit(session, action, subject, actor=actor, at=at, reason=reason)
