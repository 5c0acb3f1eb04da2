from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.ats.monthly_returns.models import MonthlyReturn, ReturnedCampaign
from services.ats.monthly_returns.rows import Key
from services.ats.monthly_returns.schemas import ReturnReport, ReturnRow, ReturnStatus
from services.ats.vacancies.models import Vacancy
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate


class ReturnNotFound(NotFound):
    code = "monthly_return_not_found"
    title = "There is no such return here for you"


async def get_return(session: AsyncSession, return_id: UUID, *, lock: bool = False) -> MonthlyReturn:
    """Raises ReturnNotFound, for another employer's return too."""
    found = await session.get(MonthlyReturn, return_id, with_for_update=lock or None)
    if found is None:
        raise ReturnNotFound
    return found


async def search_returns(session: AsyncSession, page: PageRequest) -> tuple[list[MonthlyReturn], str | None]:
    """Those that were taken, newest first."""
    query = select(MonthlyReturn).where(MonthlyReturn.taken_at.is_not(None))
    return await paginate(session, query, page, order=(MonthlyReturn.received_at, MonthlyReturn.id), descending=True)


async def campaigns_by_key(
    session: AsyncSession, employer_id: UUID, keys: Collection[Key]
) -> dict[Key, ReturnedCampaign]:
    campaign = ReturnedCampaign
    query = select(campaign).where(
        campaign.employer_id == employer_id,
        tuple_(campaign.source_system, campaign.external_reference).in_(list(keys)),
    )
    return {Key(each.source_system, each.external_reference): each for each in await session.scalars(query)}


async def vacancies_by_key(session: AsyncSession, employer_id: UUID, keys: Collection[Key]) -> dict[Key, Vacancy]:
    """With their openings, locked in one order for all."""
    query = (
        select(Vacancy)
        .where(
            Vacancy.employer_id == employer_id,
            tuple_(Vacancy.source_system, Vacancy.external_reference).in_(list(keys)),
        )
        .options(selectinload(Vacancy.openings))
        .order_by(Vacancy.id)
        .with_for_update(of=Vacancy)
        .execution_options(populate_existing=True)
    )
    found = await session.scalars(query)
    return {Key(each.source_system or "", each.external_reference or ""): each for each in found}


def report_of(found: MonthlyReturn, results: Sequence[ReturnRow] | None = None) -> ReturnReport:
    """`results` of one that was only looked at; else what is kept of it."""
    rows = [ReturnRow.model_validate(each) for each in found.results] if results is None else list(results)
    counts = {status: sum(each.status is status for each in rows) for status in ReturnStatus}
    return ReturnReport(
        id=found.id,
        employer_id=found.employer_id,
        month=found.month,
        dry_run=found.taken_at is None,
        received_at=found.received_at,
        taken_at=found.taken_at,
        rows=len(rows),
        recorded=counts[ReturnStatus.RECORDED],
        corrected=counts[ReturnStatus.CORRECTED],
        unchanged=counts[ReturnStatus.UNCHANGED],
        older=counts[ReturnStatus.OLDER],
        refused=counts[ReturnStatus.REFUSED],
        results=rows,
    )


def content_of(return_id: UUID) -> Select[bytes | None]:
    """The file itself, which is read only to take it."""
    return select(MonthlyReturn.content).where(MonthlyReturn.id == return_id)
