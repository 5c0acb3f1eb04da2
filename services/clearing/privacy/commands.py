from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import ActorKind
from services.clearing.privacy.registry import PLACEMENTS, REFERRALS, REGISTRATIONS, TABLES
from services.clearing.referrals.departures import ENDING_WITH_EMPLOYMENT, leave_register
from services.clearing.registrations.models import Registration
from services.clearing.registrations.states import ClosingReason, RegistrationState
from shared.case_answers import Records, answer_case
from shared.events.privacy import CaseSubject, ClearingCaseAnswered, DataSubjectCaseOpened
from shared.links import end_link_sessions_of, revoke_links
from shared.personal_data import Done, change_rows, count_rows, erase_rows, records_of
from shared.sealing import person_key

BOUND = frozenset(
    {
        RegistrationState.OFFER_ACCEPTED,
        RegistrationState.ON_TRIAL,
        RegistrationState.PLACED_NO_TRIAL,
        RegistrationState.PLACED,
    }
)
"""Whoever is taking up a post has a contract that needs the record (UK GDPR Art. 17(3)(b) and (e))."""


async def answer(session: AsyncSession, asked: DataSubjectCaseOpened, subject: CaseSubject, *, now: datetime) -> None:
    """Show, put right or erase what is held of this person, and tell ats. Asked again, nothing is done again."""

    async def act() -> tuple[Done, Records]:
        people = await _registrations(session, asked, subject)
        ids = [each.id for each in people]
        done = Done(held=await count_rows(session, TABLES, ids))
        match asked.case_kind:
            case "access":
                return done, await records_of(session, TABLES, ids)
            case "rectification":
                done.changed = await _put_right(session, ids, subject)
            case "erasure":
                await _erase(session, people, frozenset(asked.held_for), done, now=now)
        return done, {}

    await answer_case(session, asked, ClearingCaseAnswered, act, now=now)


async def _registrations(
    session: AsyncSession, asked: DataSubjectCaseOpened, subject: CaseSubject
) -> Sequence[Registration]:
    query = select(Registration).where(Registration.person_key == person_key(subject.email))
    if asked.employer_id is not None:
        query = query.where(Registration.home_employer_id == asked.employer_id)
    return (await session.scalars(query.order_by(Registration.id).with_for_update())).all()


async def _erase(
    session: AsyncSession, people: Sequence[Registration], held_for: Collection[UUID], done: Done, *, now: datetime
) -> None:
    """Whoever is still looking leaves the register first. What is held for a court, or binds, stays."""
    erasable = []
    for each in people:
        if each.home_employer_id in held_for:
            done.keep("legal_hold")
        elif each.state in BOUND:
            done.keep("contract")
        else:
            erasable.append(each)
    ids = [each.id for each in erasable]
    for each in erasable:
        if each.state in ENDING_WITH_EMPLOYMENT:
            by = Actor(ActorKind.PERSON, each.id)
            await leave_register(session, each.id, ClosingReason.WITHDRAWN, by=by, now=now)
    done.changed = await erase_rows(session, TABLES, ids)
    for registration_id in ids:
        await revoke_links(session, registration_id, now=now)
        await end_link_sessions_of(session, registration_id)


async def _put_right(session: AsyncSession, ids: Sequence[UUID], subject: CaseSubject) -> dict[str, int]:
    """The name and the address that the person gave; how they are known to the other services follows the address."""
    name = {} if subject.right_name is None else {"name": subject.right_name}
    email = {} if subject.right_email is None else {"email": subject.right_email}
    key = {} if subject.right_email is None else {"person_key": person_key(subject.right_email)}
    of_placement = {f"person_{column}": value for column, value in {**name, **email}.items()}
    changed = {}
    for table, column, values in (
        (REGISTRATIONS, "id", name | email | key),
        (REFERRALS, "registration_id", name | email),
        (PLACEMENTS, "registration_id", of_placement),
    ):
        if ids and values:
            statement = update(table).where(table.c[column].in_(ids)).values(values)
            changed[table.name] = await change_rows(session, statement)
    return {name: count for name, count in changed.items() if count}
