from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.selection_policy.models import SelectionPolicy
from services.ats.selection_policy.schemas import PolicyRead, PolicyTerms
from shared.registry import Employer


async def find_policy(session: AsyncSession, employer_id: UUID, *, today: date) -> SelectionPolicy | None:
    """The policy in force on the local day `today`; none where the employer has said nothing by then."""
    begun = select(SelectionPolicy).where(
        SelectionPolicy.employer_id == employer_id, SelectionPolicy.valid_from <= today
    )
    return await session.scalar(begun.order_by(SelectionPolicy.valid_from.desc()).limit(1))


async def terms_in_force(session: AsyncSession, employer_id: UUID, *, today: date) -> PolicyTerms:
    """What holds on that day: the employer's own terms, or those that hold for everybody."""
    found = await find_policy(session, employer_id, today=today)
    return PolicyTerms() if found is None else PolicyTerms.model_validate(found)


async def read_policy(session: AsyncSession, employer: Employer, *, on: date) -> PolicyRead:
    found = await find_policy(session, employer.id, today=on)
    terms = PolicyTerms() if found is None else PolicyTerms.model_validate(found)
    return PolicyRead(
        **terms.model_dump(), employer=employer.code, valid_from=None if found is None else found.valid_from
    )
