from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hires.models import Hire
from shared.errors import NotFound
from shared.vocabulary import HiringRoute


class HireNotFound(NotFound):
    code = "hire_not_found"
    title = "This candidate is not hired"


async def get_hire(session: AsyncSession, application_id: UUID, *, lock: bool = False) -> Hire:
    """The hire in force, else the last one that was undone. Raises HireNotFound."""
    query = select(Hire).where(Hire.application_id == application_id)
    query = query.order_by(Hire.undone_at.desc().nulls_first(), Hire.id).limit(1)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise HireNotFound
    return found


async def new_starters(session: AsyncSession, *, on: date) -> Sequence[Row[UUID, HiringRoute, int, int, int]]:
    """By employer and route: who has started by a day, whose first year is over, and who left in their first year."""
    year_later = Hire.starts_on + func.make_interval(1)
    left_early = Hire.left_on.is_not(None) & (Hire.left_on <= on) & (Hire.left_on < year_later)
    query = (
        select(
            Hire.employer_id,
            Hire.route,
            func.count().label("started"),
            func.count().filter(year_later <= on).label("first_year_over"),
            func.count().filter(left_early).label("left_in_first_year"),
        )
        .where(Hire.undone_at.is_(None), Hire.start_confirmed_at.is_not(None), Hire.starts_on <= on)
        .group_by(Hire.employer_id, Hire.route)
        .order_by(Hire.employer_id, Hire.route)
    )
    return (await session.execute(query)).all()
