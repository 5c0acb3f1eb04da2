from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import stands
from services.ats.monthly_returns.models import ReturnedCampaign
from services.ats.time_to_hire.log import LogEntry
from services.ats.vacancies.models import Vacancy


async def read_log(
    session: AsyncSession, *, as_at: datetime, is_replay: bool, employer_id: UUID | None = None
) -> list[LogEntry]:
    """The hiring log that the caller may read, up to `as_at`.

    A replay leaves out what was recorded later. Otherwise everything recorded counts, whatever the system clock that
    recorded it says beside the business clock.
    """
    entry = HiringLogEntry
    query = (
        select(
            entry.vacancy_id,
            entry.event,
            entry.occurred_at,
            entry.recorded_at,
            entry.opening_no,
            entry.application_id,
            entry.route,
            entry.reason,
            func.coalesce(Vacancy.openings_count, ReturnedCampaign.openings).label("openings_count"),
        )
        .outerjoin(Vacancy, Vacancy.id == entry.vacancy_id)
        .outerjoin(ReturnedCampaign, ReturnedCampaign.id == entry.vacancy_id)
        .where(entry.occurred_at <= as_at, stands(as_at if is_replay else None))
        .order_by(entry.id)
    )
    if is_replay:
        query = query.where(entry.recorded_at <= as_at)
    if employer_id is not None:
        query = query.where(entry.employer_id == employer_id)
    return [_entry(row, as_at) for row in await session.execute(query)]


def _entry(row: Row[*tuple[Any, ...]], as_at: datetime) -> LogEntry:
    return LogEntry(
        vacancy_id=row.vacancy_id,
        event=row.event,
        occurred_at=row.occurred_at,
        recorded_at=min(row.recorded_at, as_at),
        opening_no=row.opening_no,
        application_id=row.application_id,
        route=row.route,
        reason=row.reason,
        openings=row.openings_count if row.opening_no is None else None,
    )


def quarter_of(cohort: str) -> tuple[date, date]:
    """First day of the quarter `2026-Q4` and of the next."""
    year, quarter = int(cohort[:4]), int(cohort[-1])
    first = date(year, 3 * quarter - 2, 1)
    return first, date(year + 1, 1, 1) if quarter == 4 else date(year, 3 * quarter + 1, 1)
