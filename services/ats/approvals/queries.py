from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approvals.models import Approval, ApprovalState
from services.ats.approvals.schemas import ApprovalRead
from services.ats.vacancies.models import Vacancy


async def approvals_of_vacancy(session: AsyncSession, vacancy: Vacancy) -> list[ApprovalRead]:
    """Every request and its decision, oldest first. A request for content that was changed since reads as voided."""
    found = await session.scalars(
        select(Approval).where(Approval.vacancy_id == vacancy.id).order_by(Approval.recorded_at, Approval.id)
    )
    shown = [ApprovalRead.model_validate(each) for each in found]
    for each in shown:
        if each.state is ApprovalState.PENDING and each.id != vacancy.pending_approval_id:
            each.state = ApprovalState.VOIDED
    return shown
