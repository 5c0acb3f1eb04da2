from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.privacy import queries, rules
from services.ats.privacy.closing import close_when_answered
from services.ats.privacy.contents import ErasedContents
from services.ats.privacy.holdings import act_on
from services.ats.privacy.models import CasePart, DataSubjectCase, LegalHold
from services.ats.privacy.schemas import Wanted
from services.ats.privacy.states import CaseKind, Confirmation
from shared import outbox
from shared.errors import DomainError
from shared.events.privacy import CaseAnswer, CaseRecords, CaseSubject, DataSubjectCaseOpened
from shared.sealing import person_key
from shared.vocabulary import Service

OTHERS = (Service.CLEARING, Service.NOTIFICATIONS)


class NothingHeld(DomainError):
    code: ClassVar[str] = "nothing_held"
    title: ClassVar[str] = "Who this was is not known any more"


class HoldLifted(DomainError):
    code: ClassVar[str] = "legal_hold_lifted"
    title: ClassVar[str] = "This legal hold was lifted before"


@dataclass(frozen=True, slots=True)
class Asker:
    """The person, as whoever opens a case knows them. `employer_id` is none for all employers."""

    email: str
    name: str
    employer_id: UUID | None
    confirmed_by: Confirmation


async def open_case(
    session: AsyncSession, wanted: Wanted, asker: Asker, *, erased: ErasedContents, actor: Actor, now: datetime
) -> DataSubjectCase:
    """Ask all services; ats answers at once. The same request while it is open is the same case.

    `erased` is told whose contents are to be deleted once this is committed.
    """
    key = person_key(asker.email)
    known = await _open_already(session, wanted.kind, key, asker.employer_id)
    if known is not None:
        return known
    held_for = await queries.employers_holding(session, key, asker.employer_id)
    case = DataSubjectCase(
        employer_id=asker.employer_id,
        kind=wanted.kind,
        person_key=key,
        email=asker.email,
        name=asker.name,
        opened_at=now,
        due_at=rules.answer_due_at(now),
        opened_by_kind=actor.kind,
        opened_by=actor.id,
        confirmed_by=asker.confirmed_by,
        right_name=wanted.right_name,
        right_email=wanted.right_email,
        held_for=sorted(str(each) for each in held_for),
    )
    session.add(case)
    await session.flush()
    _audit(session, case, f"data_{case.kind.value}_asked", actor=actor, at=now)
    for service in Service:
        part = CasePart(employer_id=case.employer_id, asked_at=now, ask_again_at=rules.next_ask_at(1, now))
        part.case_id, part.service = case.id, service
        session.add(part)
    await ask_services(session, case, now=now)
    return await _answer_here(session, case, erased=erased, now=now)


async def _answer_here(
    session: AsyncSession, case: DataSubjectCase, *, erased: ErasedContents, now: datetime
) -> DataSubjectCase:
    done, records = await act_on(session, case, erased=erased, now=now)
    case = await queries.get_case(session, case.id)
    own = await _part(session, case.id, Service.ATS)
    own.answered_at = now
    own.held, own.changed, own.kept = done.held, done.changed, done.kept
    own.records = records if case.kind is CaseKind.ACCESS else None
    await session.flush()
    return case


async def ask_services(session: AsyncSession, case: DataSubjectCase, *, now: datetime) -> None:
    """Each answers once, however often it is asked."""
    if case.email is None:
        raise NothingHeld
    subject = CaseSubject(email=case.email, right_name=case.right_name, right_email=case.right_email)
    opened = DataSubjectCaseOpened(
        case_id=case.id,
        employer_id=case.employer_id,
        case_kind=case.kind.value,
        due_at=case.due_at,
        held_for=tuple(UUID(each) for each in case.held_for),
    )
    await outbox.record(session, opened, now=now, sealed=dict.fromkeys(OTHERS, subject))


async def note_answer(
    session: AsyncSession, service: Service, answer: CaseAnswer, records: CaseRecords, *, now: datetime
) -> None:
    """The first answer of a service counts; one that is told again changes nothing."""
    case = await queries.get_case(session, answer.case_id, lock=True)
    part = await _part(session, case.id, service)
    if part.answered_at is not None:
        return
    part.answered_at = answer.answered_at
    part.held, part.changed, part.kept = answer.held, answer.changed, answer.kept
    part.records = records.records if case.kind is CaseKind.ACCESS else None
    await session.flush()
    await close_when_answered(session, case, now=now)


async def place_hold(
    session: AsyncSession, application_id: UUID, reason: str, *, actor: Actor, now: datetime
) -> LegalHold:
    """From now on the employer keeps what it has of this person, here and in the other services.

    Raises ApplicationNotFound.
    """
    application = await get_application(session, application_id)
    hold = LegalHold(
        employer_id=application.employer_id,
        application_id=application.id,
        person_key=application.person_key,
        reason=reason,
        placed_by=actor.id,
        placed_at=now,
    )
    session.add(hold)
    subject = Subject("application", application.id, application.employer_id)
    write_audit(session, "legal_hold_placed", subject, actor=actor, at=now)
    await session.flush()
    return hold


async def lift_hold(session: AsyncSession, hold_id: UUID, *, actor: Actor, now: datetime) -> LegalHold:
    """Raises HoldNotFound, HoldLifted."""
    hold = await queries.get_hold(session, hold_id)
    if hold.lifted_at is not None:
        raise HoldLifted
    hold.lifted_at, hold.lifted_by = now, actor.id
    subject = Subject("application", hold.application_id, hold.employer_id)
    write_audit(session, "legal_hold_lifted", subject, actor=actor, at=now)
    return hold


async def _open_already(
    session: AsyncSession, kind: CaseKind, key: str, employer_id: UUID | None
) -> DataSubjectCase | None:
    query = select(DataSubjectCase).where(
        DataSubjectCase.person_key == key,
        DataSubjectCase.kind == kind,
        DataSubjectCase.employer_id.is_not_distinct_from(employer_id),
        DataSubjectCase.closed_at.is_(None),
    )
    return await session.scalar(query.limit(1))


async def _part(session: AsyncSession, case_id: UUID, service: Service) -> CasePart:
    query = select(CasePart).where(CasePart.case_id == case_id, CasePart.service == service).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


def _audit(session: AsyncSession, case: DataSubjectCase, action: str, *, actor: Actor, at: datetime) -> None:
    write_audit(session, action, Subject("data_subject_case", case.id, case.employer_id), actor=actor, at=at)
