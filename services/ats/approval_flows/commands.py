from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approval_flows.models import ApprovalDelegation, ApprovalFlow
from services.ats.approval_flows.rules import Group
from services.ats.approval_flows.schemas import DelegationWrite, FlowWrite, GroupWrite
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from shared.errors import DomainError, Invalid, NotFound
from shared.registry import Employer, staff_may
from shared.vocabulary import Role


class ApproverUnknown(Invalid):
    code = "approver_unknown"
    title = "This is no active approver of the employer"


class DelegationNotFound(NotFound):
    code = "delegation_not_found"
    title = "There is no such delegation of yours here"


class DelegationEnded(DomainError):
    code = "delegation_ended"
    title = "This delegation has ended already"


async def replace_flow(
    session: AsyncSession, employer: Employer, wanted: FlowWrite, *, actor: Actor, now: datetime
) -> None:
    """A new version, for requests from now on. Raises ApproverUnknown."""
    for field, groups in (("groups", wanted.groups), ("exempt_groups", wanted.exempt_groups)):
        for number, group in enumerate(groups):
            for place, staff_id in enumerate(group.approver_ids):
                name = f"{field}.{number}.approver_ids.{place}"
                await _require_approver(session, staff_id, employer.id, field=name)
    # Two who replace it at once: the unique version lets one of them through.
    newest = select(func.max(ApprovalFlow.version)).where(ApprovalFlow.employer_id == employer.id)
    flow = ApprovalFlow(
        employer_id=employer.id,
        version=(await session.scalar(newest) or 0) + 1,
        groups=[_stored(each) for each in wanted.groups],
        exempt_groups=[_stored(each) for each in wanted.exempt_groups],
        exempt_when=wanted.exempt_when.model_dump(mode="json", exclude_defaults=True),
        expires_after_months=wanted.expires_after_months,
        reminder_working_days=wanted.reminder_working_days,
        made_by=actor.id,
        made_at=now,
    )
    session.add(flow)
    subject = Subject("approval_flow", flow.id, employer.id)
    write_audit(session, "approval_flow_replaced", subject, actor=actor, at=now, reason=f"version {flow.version}")


async def delegate_approvals(
    session: AsyncSession,
    employer: Employer,
    wanted: DelegationWrite,
    *,
    from_staff_id: UUID,
    actor: Actor,
    now: datetime,
) -> ApprovalDelegation:
    """Raises ApproverUnknown for oneself, and for somebody who is no approver: a delegation gives nobody the role."""
    if wanted.to_staff_id == from_staff_id:
        raise ApproverUnknown("Name somebody else.", field="to_staff_id")
    await _require_approver(session, wanted.to_staff_id, employer.id, field="to_staff_id")
    delegation = ApprovalDelegation(
        employer_id=employer.id, from_staff_id=from_staff_id, made_at=now, **wanted.model_dump()
    )
    session.add(delegation)
    subject = Subject("approval_delegation", delegation.id, employer.id)
    write_audit(session, "approvals_delegated", subject, actor=actor, at=now, reason=wanted.reason)
    return delegation


async def end_delegation(
    session: AsyncSession, delegation_id: UUID, *, from_staff_id: UUID, actor: Actor, now: datetime
) -> ApprovalDelegation:
    """One ends one's own. Raises DelegationNotFound, DelegationEnded."""
    own = select(ApprovalDelegation).where(
        ApprovalDelegation.id == delegation_id, ApprovalDelegation.from_staff_id == from_staff_id
    )
    delegation = await session.scalar(own.with_for_update())
    if delegation is None:
        raise DelegationNotFound
    if delegation.ended_at is not None:
        raise DelegationEnded
    delegation.ended_at = now
    subject = Subject("approval_delegation", delegation.id, delegation.employer_id)
    write_audit(session, "delegation_ended", subject, actor=actor, at=now)
    return delegation


async def _require_approver(session: AsyncSession, staff_id: UUID, employer_id: UUID, *, field: str) -> None:
    if not await staff_may(session, staff_id, Role.APPROVER, employer_id):
        raise ApproverUnknown(field=field)


def _stored(group: GroupWrite) -> dict[str, object]:
    return Group(group.name, group.quorum, frozenset(group.approver_ids)).stored()
