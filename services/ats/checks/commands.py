"""What was found of a check, and waivers. Every command locks the application first, then the check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.models import Application
from services.ats.applications.telling import audit_application
from services.ats.audit.actor import Actor
from services.ats.checks import queries, rules, setting_out
from services.ats.checks.models import CheckEntry, PreEmploymentCheck
from services.ats.checks.permitted import WAIVER_APPROVERS, refuse_closed, refuse_same_person
from services.ats.checks.rules import Shown
from services.ats.checks.schemas import WaiverAsked
from services.ats.checks.states import CheckAction, CheckKind, CheckMethod, CheckOutcome, CheckStep, WaiverState
from shared.calendar import local_date
from shared.etag import refuse_stale
from shared.principals import Principal


async def pass_check(
    session: AsyncSession, check_id: UUID, shown: Shown, *, caller: Principal, expected: int | None, now: datetime
) -> PreEmploymentCheck:
    """Raises CheckNotFound, CheckNotOpen, StaleVersion and what `rules.refuse_unshown` raises."""
    check, application = await _load_for(session, check_id, CheckAction.PASS, expected)
    rules.refuse_unshown(check, shown, local_date(now))
    check.outcome, check.reason = CheckOutcome.PASSED, None
    check.method, check.evidence_reference = shown.method, shown.evidence_reference
    check.copied_on, check.checked_on = shown.copied_on, shown.checked_on
    check.expires_on, check.follow_up_on = shown.expires_on, shown.follow_up_on
    check.checked_by = caller.staff_id
    await _note(session, check, application, CheckStep.PASSED, actor=Actor.of(caller), now=now)
    return check


async def fail_check(
    session: AsyncSession, check_id: UUID, reason: str, *, caller: Principal, expected: int | None, now: datetime
) -> PreEmploymentCheck:
    """What it was is kept beside the check. Raises CheckNotFound, CheckNotOpen, StaleVersion."""
    check, application = await _load_for(session, check_id, CheckAction.FAIL, expected)
    _conclude(check, CheckOutcome.FAILED, reason, caller, local_date(now))
    await _note(session, check, application, CheckStep.FAILED, actor=Actor.of(caller), now=now, words=reason)
    return check


async def call_not_applicable(
    session: AsyncSession, check_id: UUID, reason: str, *, caller: Principal, expected: int | None, now: datetime
) -> PreEmploymentCheck:
    """Raises CheckNotFound, CheckNotWaivable, CheckNotOpen, StaleVersion."""
    check, application = await _load_for(session, check_id, CheckAction.NOT_APPLICABLE, expected)
    _conclude(check, CheckOutcome.NOT_APPLICABLE, reason, caller, local_date(now))
    await _note(session, check, application, CheckStep.NOT_APPLICABLE, actor=Actor.of(caller), now=now, words=reason)
    return check


async def ask_waiver(
    session: AsyncSession, check_id: UUID, asked: WaiverAsked, *, caller: Principal, expected: int | None, now: datetime
) -> PreEmploymentCheck:
    """Raises CheckNotFound, CheckNotWaivable, WaiverEndsInThePast, CheckNotOpen, StaleVersion."""
    check, application = await _load_for(session, check_id, CheckAction.ASK_WAIVER, expected)
    if asked.ends_on < local_date(now):
        raise rules.WaiverEndsInThePast(field="ends_on")
    check.waiver, check.waiver_asked_by = WaiverState.ASKED, caller.staff_id
    check.waiver_reason, check.risk_assessment = asked.reason, asked.risk_assessment
    check.waiver_ends_on, check.waiver_decided_by, check.waiver_role = asked.ends_on, None, None
    words = f"{asked.reason}\n\n{asked.risk_assessment}"
    await _note(session, check, application, CheckStep.WAIVER_ASKED, actor=Actor.of(caller), now=now, words=words)
    return check


async def decide_waiver(
    session: AsyncSession,
    check_id: UUID,
    decision: WaiverState,
    *,
    caller: Principal,
    expected: int | None,
    now: datetime,
) -> PreEmploymentCheck:
    """Approved by another person than who asked and who checked. Raises WaiverNeedsAnother, CheckNotOpen,
    CheckNotFound, StaleVersion, WaiverEndsInThePast.
    """
    is_approved = decision is WaiverState.APPROVED
    action = CheckAction.APPROVE_WAIVER if is_approved else CheckAction.REFUSE_WAIVER
    check, application = await _load_for(session, check_id, action, expected)
    if is_approved:
        refuse_same_person(check, caller)
        if check.waiver_ends_on is None or check.waiver_ends_on < local_date(now):
            raise rules.WaiverEndsInThePast(next_step="Have it asked for anew.")
    held = {grant.role for grant in caller.grants if grant.employer_id == check.employer_id}
    check.waiver, check.waiver_decided_by = decision, caller.staff_id
    check.waiver_role = next(iter(sorted(held & WAIVER_APPROVERS)), None)
    step = CheckStep.WAIVER_APPROVED if is_approved else CheckStep.WAIVER_REFUSED
    await _note(session, check, application, step, actor=Actor.of(caller), now=now)
    return check


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where another part of the product shows all that a check of this kind asks for."""

    kind: CheckKind
    method: CheckMethod
    reference: str


async def note_evidence(
    session: AsyncSession, application: Application, shown: Evidence, *, actor: Actor, now: datetime
) -> None:
    """The check has all that it asks for, and waits for somebody to decide. Nothing where it does not wait for that."""
    check = await queries.find_check(session, application.id, shown.kind, lock=True)
    if check is None or not check.is_required or check.outcome is not CheckOutcome.OUTSTANDING:
        return
    if check.evidence_reference == shown.reference:
        return
    check.method, check.evidence_reference = shown.method, shown.reference
    await _note(session, check, application, CheckStep.EVIDENCE_COMPLETE, actor=actor, now=now)


async def _load_for(
    session: AsyncSession, check_id: UUID, action: CheckAction, expected: int | None
) -> tuple[PreEmploymentCheck, Application]:
    """Both locked. Raises CheckNotFound, StaleVersion, CheckNotWaivable, CheckNotOpen."""
    found = await queries.get_check(session, check_id)
    application = await application_queries.get_application(session, found.application_id, lock=True)
    check = await queries.get_check(session, check_id, lock=True)
    refuse_stale(expected, check.version)
    if action in {CheckAction.NOT_APPLICABLE, CheckAction.ASK_WAIVER}:
        rules.refuse_unwaivable(check)
    refuse_closed(check, application, action)
    return check, application


def _conclude(check: PreEmploymentCheck, outcome: CheckOutcome, reason: str, caller: Principal, today: date) -> None:
    """What was seen before no longer counts."""
    check.outcome, check.reason = outcome, reason
    check.method, check.evidence_reference, check.copied_on = None, None, None
    check.expires_on, check.follow_up_on = None, None
    check.checked_by, check.checked_on = caller.staff_id, today
    if check.waiver is WaiverState.APPROVED:
        # It was granted for a check that had not come yet: what has come since is decided anew.
        check.waiver = None


async def _note(
    session: AsyncSession,
    check: PreEmploymentCheck,
    application: Application,
    step: CheckStep,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> None:
    """Keep the entry, the next day to look at it, and what the application still waits for."""
    today = local_date(now)
    check.version += 1
    check.due_on = rules.next_due(check, today)
    is_waiver = step in {CheckStep.WAIVER_ASKED, CheckStep.WAIVER_APPROVED, CheckStep.WAIVER_REFUSED}
    seen = not is_waiver
    session.add(
        CheckEntry(
            employer_id=check.employer_id,
            check_id=check.id,
            step=step,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at=now,
            method=check.method if seen else None,
            evidence_reference=check.evidence_reference if seen else None,
            copied_on=check.copied_on if seen else None,
            checked_on=check.checked_on if seen else None,
            expires_on=check.expires_on if seen else None,
            follow_up_on=check.follow_up_on if seen else None,
            waiver_ends_on=check.waiver_ends_on if is_waiver else None,
            role=check.waiver_role if is_waiver else None,
            words=words,
        )
    )
    await session.flush()
    await setting_out.note_outstanding(session, application, today)
    reason = f"{check.kind}: {step}"
    audit_application(session, application, "check_recorded", actor=actor, at=now, reason=reason)
