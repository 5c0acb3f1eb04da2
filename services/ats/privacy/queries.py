from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.persons.queries import is_of_person
from services.ats.privacy.models import CasePart, DataSubjectCase, LegalHold
from shared.errors import DomainError, NotFound
from shared.pagination import PageRequest, paginate


class CaseNotFound(NotFound):
    code: ClassVar[str] = "case_not_found"
    title: ClassVar[str] = "There is no such case here for you"


class CaseStillOpen(DomainError):
    code: ClassVar[str] = "case_still_open"
    title: ClassVar[str] = "Not every service has answered yet"


class HoldNotFound(NotFound):
    code: ClassVar[str] = "legal_hold_not_found"
    title: ClassVar[str] = "There is no such legal hold here for you"


async def get_case(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> DataSubjectCase:
    """Raises CaseNotFound."""
    query = select(DataSubjectCase).where(DataSubjectCase.id == case_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise CaseNotFound
    return found


async def parts_of(session: AsyncSession, case_id: UUID) -> Sequence[CasePart]:
    query = select(CasePart).where(CasePart.case_id == case_id).order_by(CasePart.service)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def search_cases(session: AsyncSession, page: PageRequest) -> tuple[Sequence[DataSubjectCase], str | None]:
    """Newest first."""
    order = (DataSubjectCase.opened_at, DataSubjectCase.id)
    return await paginate(session, select(DataSubjectCase), page, order=order, descending=True)


async def cases_of(session: AsyncSession, person_key: str) -> Sequence[DataSubjectCase]:
    """A person's own, newest first."""
    query = select(DataSubjectCase).where(
        DataSubjectCase.person_key == person_key, DataSubjectCase.employer_id.is_(None)
    )
    return (await session.scalars(query.order_by(DataSubjectCase.opened_at.desc(), DataSubjectCase.id))).all()


async def employers_holding(session: AsyncSession, person_key: str, employer_id: UUID | None) -> set[UUID]:
    """Which employers must keep what they have of this person."""
    is_theirs = is_of_person(person_key, LegalHold.employer_id, LegalHold.person_key)
    query = select(LegalHold.employer_id).where(is_theirs, LegalHold.lifted_at.is_(None))
    if employer_id is not None:
        query = query.where(LegalHold.employer_id == employer_id)
    return set(await session.scalars(query))


async def get_hold(session: AsyncSession, hold_id: UUID) -> LegalHold:
    """Locked. Raises HoldNotFound."""
    found = await session.scalar(select(LegalHold).where(LegalHold.id == hold_id).with_for_update())
    if found is None:
        raise HoldNotFound
    return found


async def search_holds(session: AsyncSession, page: PageRequest) -> tuple[Sequence[LegalHold], str | None]:
    """Newest first."""
    return await paginate(session, select(LegalHold), page, order=(LegalHold.placed_at, LegalHold.id), descending=True)
