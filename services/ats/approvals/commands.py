from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approvals import rules
from services.ats.approvals.models import Approval, ApprovalState
from services.ats.approvals.schemas import Attestation
from services.ats.audit.actor import SYSTEM, Actor, ActorKind
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import lifecycle
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.announcing import announce, audit_vacancy, log_step
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.requisitions import refuse_frozen
from shared import outbox
from shared.calendar import local_date
from shared.errors import NotFound
from shared.events.ats import ApprovalDecided, ApprovalRequested
from shared.events.base import Contact
from shared.registry import find_staff, staff_with_role
from shared.vocabulary import Role, Service, VacancyState


class NothingToDecide(NotFound):
    code = "nothing_to_decide"
    status = 409
    title = "No approval of this vacancy is waiting for a decision"


async def request_approval(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Vacancy:
    """Ask every approver of the employer. Raises IllegalMove, AlreadyApproved, AlreadyRequested."""
    vacancy = await lifecycle.load_for(session, vacancy_id, VacancyAction.SUBMIT, expected)
    rules.refuse_needless_request(vacancy)
    await refuse_frozen(session, vacancy, today=local_date(now))
    approval = await _open_approval(session, vacancy, requested_by=actor.id, now=now)
    vacancy.pending_approval_id = approval.id
    vacancy.requested_by, vacancy.requested_at = actor.id, now
    if vacancy.state is VacancyState.DRAFT:
        vacancy.state = VacancyState.APPROVAL_PENDING
    log_step(session, vacancy, HiringEvent.SUBMITTED, at=now, actor=actor)
    audit_vacancy(session, vacancy, "approval_requested", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    await _ask_approvers(session, vacancy, approval, now=now)
    return vacancy


async def approve_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, reason: str | None, expected: int | None, now: datetime
) -> Vacancy:
    """Approve the content as it was asked for; displaced staff see it next, at once.

    Raises IllegalMove, NothingToDecide, RequesterMayNotApprove, ContentChangedSince.
    """
    vacancy, approval = await _load_for_decision(session, vacancy_id, VacancyAction.APPROVE, actor, expected)
    await refuse_frozen(session, vacancy, today=local_date(now))
    _decide(approval, ApprovalState.APPROVED, actor, reason, now)
    await _carry_on(session, vacancy, approved_at=now, actor=actor, now=now)
    audit_vacancy(session, vacancy, "vacancy_approved", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    await _tell_requester(session, vacancy, approval, now=now)
    return vacancy


async def reject_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, reason: str, expected: int | None, now: datetime
) -> Vacancy:
    """Back to the requester, with why. Raises IllegalMove, NothingToDecide, RequesterMayNotApprove."""
    vacancy, approval = await _load_for_decision(session, vacancy_id, VacancyAction.REJECT, actor, expected)
    _decide(approval, ApprovalState.REJECTED, actor, reason, now)
    vacancy.pending_approval_id = None
    if vacancy.state is VacancyState.APPROVAL_PENDING:
        vacancy.state = VacancyState.DRAFT
    audit_vacancy(session, vacancy, "vacancy_rejected", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    await _tell_requester(session, vacancy, approval, now=now)
    return vacancy


async def attest_approval(
    session: AsyncSession,
    vacancy_id: UUID,
    attested: Attestation,
    *,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Vacancy:
    """Take the word of the council's own system that it approved this content. Raises IllegalMove, AlreadyApproved,
    ApprovalInTheFuture.
    """
    vacancy = await lifecycle.load_for(session, vacancy_id, VacancyAction.ATTEST_APPROVAL, expected)
    if vacancy_rules.is_approved(vacancy):
        raise rules.AlreadyApproved
    rules.refuse_future(attested.approved_at, now)
    await refuse_frozen(session, vacancy, today=local_date(now))
    approval = await _open_approval(session, vacancy, requested_by=None, now=now)
    _decide(approval, ApprovalState.APPROVED, actor, None, attested.approved_at)
    approval.is_attested, approval.attested_by = True, attested.approved_by
    approval.attested_reference = attested.reference
    await _carry_on(session, vacancy, approved_at=attested.approved_at, actor=actor, now=now)
    audit_vacancy(session, vacancy, "approval_attested", actor=actor, at=now, reason=attested.reference)
    await announce(session, vacancy, now=now)
    return vacancy


async def _carry_on(
    session: AsyncSession, vacancy: Vacancy, *, approved_at: datetime, actor: Actor, now: datetime
) -> None:
    was_in_clearing = vacancy.state is VacancyState.IN_CLEARING
    log_step(session, vacancy, HiringEvent.APPROVED, at=approved_at, actor=actor)
    vacancy_rules.approve(vacancy, approved_at, now=now)
    if vacancy.state is VacancyState.IN_CLEARING and not was_in_clearing:
        log_step(session, vacancy, HiringEvent.CLEARING_ENTERED, at=now, actor=SYSTEM)
    if vacancy_rules.may_publish_itself(vacancy, now, now=now):
        await lifecycle.go_live(session, vacancy, at=now, actor=SYSTEM, now=now)


async def _open_approval(
    session: AsyncSession, vacancy: Vacancy, *, requested_by: UUID | None, now: datetime
) -> Approval:
    """A new request in place of any that waits: it was for other content, or is overtaken."""
    await session.execute(
        update(Approval)
        .where(Approval.vacancy_id == vacancy.id, Approval.state == ApprovalState.PENDING)
        .values(state=ApprovalState.VOIDED)
    )
    approval = Approval(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        content_hash=vacancy.content_hash,
        requested_by=requested_by,
        requested_at=now,
    )
    session.add(approval)
    return approval


async def _load_for_decision(
    session: AsyncSession, vacancy_id: UUID, action: VacancyAction, actor: Actor, expected: int | None
) -> tuple[Vacancy, Approval]:
    vacancy = await lifecycle.load_for(session, vacancy_id, action, expected)
    if vacancy.pending_approval_id is None:
        raise NothingToDecide(next_step="Send the vacancy for approval first.")
    approval = (await session.scalars(select(Approval).where(Approval.id == vacancy.pending_approval_id))).one()
    rules.refuse_decision(approval, vacancy, actor.id)
    return vacancy, approval


def _decide(approval: Approval, state: ApprovalState, actor: Actor, reason: str | None, at: datetime) -> None:
    approval.state, approval.reason, approval.decided_at = state, reason, at
    approval.decided_by = actor.id if actor.kind is ActorKind.STAFF else None


async def _ask_approvers(session: AsyncSession, vacancy: Vacancy, approval: Approval, *, now: datetime) -> None:
    """One fact per approver, so that each mail has its own. The requester is not asked."""
    for person in await staff_with_role(session, Role.APPROVER, vacancy.employer_id):
        if person.id == approval.requested_by:
            continue
        asked = ApprovalRequested(
            vacancy_id=vacancy.id,
            employer_id=vacancy.employer_id,
            approval_id=approval.id,
            approver_id=person.id,
            vacancy_title=vacancy.title,
            reference=vacancy.reference,
        )
        contact = Contact(name=person.name, email=person.email)
        await outbox.record(session, asked, now=now, sealed={Service.NOTIFICATIONS: contact})


async def _tell_requester(session: AsyncSession, vacancy: Vacancy, approval: Approval, *, now: datetime) -> None:
    """A person who asked is told; a system that asked reads the vacancy."""
    person = None if approval.requested_by is None else await find_staff(session, approval.requested_by)
    if person is None:
        return
    decided = ApprovalDecided(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        approval_id=approval.id,
        requester_id=person.id,
        decision="approved" if approval.state is ApprovalState.APPROVED else "rejected",
        vacancy_title=vacancy.title,
        reference=vacancy.reference,
    )
    contact = Contact(name=person.name, email=person.email)
    await outbox.record(session, decided, now=now, sealed={Service.NOTIFICATIONS: contact})
