from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approval_flows.queries import delegations_in_force, find_flow
from services.ats.approval_flows.rules import (
    Route,
    expiry_of,
    next_reminder,
    refuse_unreachable,
    route_of,
    seat_for,
)
from services.ats.approvals import queries, rules
from services.ats.approvals.asking import ask_group, tell_requester
from services.ats.approvals.models import Approval, ApprovalDecision, ApprovalState, Decision
from services.ats.approvals.schemas import Attestation
from services.ats.audit.actor import SYSTEM, Actor, ActorKind
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import lifecycle
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.announcing import announce, audit_vacancy, log_step
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.requisitions import refuse_frozen
from shared.calendar import local_date
from shared.errors import NotFound
from shared.registry import staff_with_role
from shared.vocabulary import Role, VacancyState


class NothingToDecide(NotFound):
    code = "nothing_to_decide"
    status = 409
    title = "No approval of this vacancy is waiting for a decision"


async def request_approval(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Vacancy:
    """Ask the first group of the employer's flow. The requester may be none of those who decide.

    Raises IllegalMove, AlreadyApproved, AlreadyRequested, RecruitmentFrozen, QuorumUnreachable.
    """
    vacancy = await lifecycle.load_for(session, vacancy_id, VacancyAction.SUBMIT, expected)
    rules.refuse_needless_request(vacancy)
    await refuse_frozen(session, vacancy, today=local_date(now))
    route = route_of(await find_flow(session, vacancy.employer_id), vacancy)
    approvers = await staff_with_role(session, Role.APPROVER, vacancy.employer_id)
    refuse_unreachable(route.groups, actor.id, [each.id for each in approvers])
    approval = await _open_approval(session, vacancy, route, requested_by=actor.id, now=now)
    approval.next_reminder_at = next_reminder(now, route.reminder_working_days, 0)
    vacancy.pending_approval_id = approval.id
    vacancy.requested_by, vacancy.requested_at = actor.id, now
    if vacancy.state is VacancyState.DRAFT:
        vacancy.state = VacancyState.APPROVAL_PENDING
    log_step(session, vacancy, HiringEvent.SUBMITTED, at=now, actor=actor)
    audit_vacancy(session, vacancy, "approval_requested", actor=actor, at=now)
    await announce(session, vacancy, now=now)
    await ask_group(session, vacancy, approval, now=now)
    return vacancy


async def approve_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, reason: str | None, expected: int | None, now: datetime
) -> Vacancy:
    """One approver's yes to the content as it was asked for. The last that the flow needs approves it, and displaced
    staff see it at once; before that the next group is asked when this one has its quorum.

    Raises IllegalMove, NothingToDecide, RequesterMayNotApprove, ContentChangedSince, RecruitmentFrozen, NotYourTurn,
    AlreadyDecided.
    """
    vacancy, approval = await _load_for_decision(session, vacancy_id, VacancyAction.APPROVE, actor, expected)
    await refuse_frozen(session, vacancy, today=local_date(now))
    decided = await _note_decision(session, approval, Decision.APPROVED, actor=actor, reason=reason, now=now)
    audit_vacancy(session, vacancy, "approval_given", actor=actor, at=now, reason=reason)
    if rules.has_quorum(approval, decided):
        if not rules.is_last_group(approval):
            await _ask_next_group(session, vacancy, approval, now=now)
        else:
            _decide(approval, ApprovalState.APPROVED, actor, reason, now)
            expires_at = expiry_of(now, approval.expires_after_months)
            approval.expires_at = expires_at
            await _carry_on(session, vacancy, approved_at=now, expires_at=expires_at, actor=actor, now=now)
            audit_vacancy(session, vacancy, "vacancy_approved", actor=actor, at=now, reason=reason)
            await tell_requester(session, vacancy, approval, now=now)
    await announce(session, vacancy, now=now)
    return vacancy


async def reject_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, reason: str, expected: int | None, now: datetime
) -> Vacancy:
    """One approver's no sends it back to the requester, with why.

    Raises IllegalMove, NothingToDecide, RequesterMayNotApprove, ContentChangedSince, NotYourTurn, AlreadyDecided.
    """
    vacancy, approval = await _load_for_decision(session, vacancy_id, VacancyAction.REJECT, actor, expected)
    await _note_decision(session, approval, Decision.REJECTED, actor=actor, reason=reason, now=now)
    _decide(approval, ApprovalState.REJECTED, actor, reason, now)
    vacancy.pending_approval_id = None
    if vacancy.state is VacancyState.APPROVAL_PENDING:
        vacancy.state = VacancyState.DRAFT
    audit_vacancy(session, vacancy, "vacancy_rejected", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    await tell_requester(session, vacancy, approval, now=now)
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
    ApprovalInTheFuture, ApprovedBeforeTheChange, ApprovalTooOld, RecruitmentFrozen.
    """
    vacancy = await lifecycle.load_for(session, vacancy_id, VacancyAction.ATTEST_APPROVAL, expected)
    if vacancy_rules.is_approved(vacancy):
        raise rules.AlreadyApproved
    rules.refuse_future(attested.approved_at, now)
    rules.refuse_approval_of_other_content(vacancy, attested.approved_at)
    await refuse_frozen(session, vacancy, today=local_date(now))
    route = route_of(await find_flow(session, vacancy.employer_id), vacancy)
    expires_at = expiry_of(attested.approved_at, route.expires_after_months)
    rules.refuse_expired(expires_at, now)
    approval = await _open_approval(session, vacancy, route, requested_by=None, now=now)
    approval.expires_at = expires_at
    _decide(approval, ApprovalState.APPROVED, actor, None, attested.approved_at)
    approval.is_attested, approval.attested_by = True, attested.approved_by
    approval.attested_reference = attested.reference
    approved_at = attested.approved_at
    await _carry_on(session, vacancy, approved_at=approved_at, expires_at=expires_at, actor=actor, now=now)
    audit_vacancy(session, vacancy, "approval_attested", actor=actor, at=now, reason=attested.reference)
    await announce(session, vacancy, now=now)
    return vacancy


async def _carry_on(
    session: AsyncSession,
    vacancy: Vacancy,
    *,
    approved_at: datetime,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    was_in_clearing = vacancy.state is VacancyState.IN_CLEARING
    log_step(session, vacancy, HiringEvent.APPROVED, at=approved_at, actor=actor)
    vacancy_rules.approve(vacancy, approved_at, expires_at=expires_at, now=now)
    if vacancy.state is VacancyState.IN_CLEARING and not was_in_clearing:
        log_step(session, vacancy, HiringEvent.CLEARING_ENTERED, at=now, actor=SYSTEM)
    if vacancy_rules.may_publish_itself(vacancy, now, now=now):
        await lifecycle.go_live(session, vacancy, at=now, actor=SYSTEM, now=now)


async def _open_approval(
    session: AsyncSession, vacancy: Vacancy, route: Route, *, requested_by: UUID | None, now: datetime
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
        groups=[each.stored() for each in route.groups],
        is_exempt=route.is_exempt,
        flow_version=route.flow_version,
        expires_after_months=route.expires_after_months,
        reminder_working_days=route.reminder_working_days,
    )
    session.add(approval)
    return approval


async def _note_decision(
    session: AsyncSession, approval: Approval, decision: Decision, *, actor: Actor, reason: str | None, now: datetime
) -> list[ApprovalDecision]:
    """Add a decision to those of the group whose turn it is, and give them all. Raises NotYourTurn, AlreadyDecided."""
    assert actor.id is not None
    decided = await queries.decisions_in_group(session, approval)
    standing_in = await delegations_in_force(session, approval.employer_id, today=local_date(now))
    seat_of = seat_for(
        rules.current_group(approval),
        actor.id,
        stands_in_for=[each.from_staff_id for each in standing_in if each.to_staff_id == actor.id],
        requested_by=approval.requested_by,
        decided={person for each in decided for person in (each.decided_by, each.seat_of)},
    )
    made = ApprovalDecision(
        employer_id=approval.employer_id,
        approval_id=approval.id,
        group_no=approval.group_no,
        decision=decision,
        decided_by=actor.id,
        seat_of=seat_of,
        reason=reason,
        decided_at=now,
    )
    session.add(made)
    return [*decided, made]


async def _ask_next_group(session: AsyncSession, vacancy: Vacancy, approval: Approval, *, now: datetime) -> None:
    approval.group_no, approval.reminders_sent = approval.group_no + 1, 0
    approval.next_reminder_at = next_reminder(now, approval.reminder_working_days, 0)
    await ask_group(session, vacancy, approval, now=now)


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
    approval.next_reminder_at = None
    approval.decided_by = actor.id if actor.kind is ActorKind.STAFF else None
