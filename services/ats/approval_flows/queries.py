from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approval_flows.models import ApprovalDelegation, ApprovalFlow
from services.ats.approval_flows.rules import ANY_APPROVER, EXPIRES_AFTER_MONTHS, REMINDER_WORKING_DAYS
from services.ats.approval_flows.schemas import ExemptWhen, FlowRead, GroupWrite
from shared.registry import Employer


async def find_flow(session: AsyncSession, employer_id: UUID) -> ApprovalFlow | None:
    """The flow in force: the newest."""
    of_the_employer = select(ApprovalFlow).where(ApprovalFlow.employer_id == employer_id)
    return await session.scalar(of_the_employer.order_by(ApprovalFlow.version.desc()).limit(1))


async def get_flow(session: AsyncSession, employer: Employer) -> FlowRead:
    flow = await find_flow(session, employer.id)
    if flow is None:
        return FlowRead(
            employer=employer.code,
            version=0,
            groups=[GroupWrite(name=ANY_APPROVER.name)],
            exempt_groups=[],
            exempt_when=ExemptWhen(),
            expires_after_months=EXPIRES_AFTER_MONTHS,
            reminder_working_days=REMINDER_WORKING_DAYS,
        )
    return FlowRead(
        employer=employer.code,
        version=flow.version,
        groups=flow.groups,
        exempt_groups=flow.exempt_groups,
        exempt_when=ExemptWhen.model_validate(flow.exempt_when),
        expires_after_months=flow.expires_after_months,
        reminder_working_days=flow.reminder_working_days,
    )


async def list_delegations(session: AsyncSession, employer_id: UUID) -> Sequence[ApprovalDelegation]:
    """Newest first, the ended ones too."""
    of_the_employer = select(ApprovalDelegation).where(ApprovalDelegation.employer_id == employer_id)
    newest_first = (ApprovalDelegation.starts_on.desc(), ApprovalDelegation.id)
    return (await session.scalars(of_the_employer.order_by(*newest_first))).all()


async def delegations_in_force(
    session: AsyncSession, employer_id: UUID, *, today: date
) -> Sequence[ApprovalDelegation]:
    """Who stands in for whom on the local day `today`."""
    in_force = select(ApprovalDelegation).where(
        ApprovalDelegation.employer_id == employer_id,
        ApprovalDelegation.starts_on <= today,
        ApprovalDelegation.ends_on >= today,
        ApprovalDelegation.ended_at.is_(None),
    )
    return (await session.scalars(in_force.order_by(ApprovalDelegation.id))).all()
