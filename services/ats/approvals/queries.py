from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approvals.models import Approval, ApprovalDecision, ApprovalState
from services.ats.approvals.schemas import ApprovalRead, DecisionRead
from services.ats.vacancies.models import Vacancy


async def approvals_of_vacancy(session: AsyncSession, vacancy: Vacancy) -> list[ApprovalRead]:
    """Every request and its decision, oldest first. A request for content that was changed since reads as voided."""
    found = await session.scalars(
        select(Approval).where(Approval.vacancy_id == vacancy.id).order_by(Approval.recorded_at, Approval.id)
    )
    shown = [ApprovalRead.model_validate(each) for each in found]
    decisions = await _decisions_of_vacancy(session, vacancy)
    for each in shown:
        each.decisions = [DecisionRead.model_validate(made) for made in decisions if made.approval_id == each.id]
        if each.state is ApprovalState.PENDING and each.id != vacancy.pending_approval_id:
            each.state = ApprovalState.VOIDED
    return shown


async def decisions_in_group(session: AsyncSession, approval: Approval) -> list[ApprovalDecision]:
    """What was said in the group whose turn it is."""
    in_group = select(ApprovalDecision).where(
        ApprovalDecision.approval_id == approval.id, ApprovalDecision.group_no == approval.group_no
    )
    return list(await session.scalars(in_group.order_by(ApprovalDecision.recorded_at, ApprovalDecision.id)))


async def _decisions_of_vacancy(session: AsyncSession, vacancy: Vacancy) -> Sequence[ApprovalDecision]:
    of_the_vacancy = (
        select(ApprovalDecision)
        .join(Approval, Approval.id == ApprovalDecision.approval_id)
        .where(Approval.vacancy_id == vacancy.id)
    )
    return (await session.scalars(of_the_vacancy.order_by(ApprovalDecision.recorded_at, ApprovalDecision.id))).all()
