from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.clearing.matching.models import Duty
from services.clearing.referrals.models import Referral
from services.clearing.referrals.rules import LIVE_STATES
from services.clearing.referrals.states import ReferralState
from services.clearing.trials.models import Placement
from services.clearing.trials.states import ENDED_EARLY
from services.clearing.vacancy_mirror.models import Vacancy, Window
from services.clearing.vacancy_mirror.rules import Interest
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowState
from shared.pagination import PagedFilter, PageRequest, paginate


class WindowFilter(PagedFilter):
    state: WindowState | None = None
    vacancy_id: UUID | None = None


REVIEWS = (WindowState.REVIEW, WindowState.REGIONAL_REVIEW)
# The gaining council has the next word; before them it is the home council's, after them the person's.
AWAITING_COUNCIL = (
    ReferralState.REFERRED,
    ReferralState.WAITING,
    ReferralState.INTERVIEW_OFFERED,
    ReferralState.INTERVIEWED,
)


async def due_windows(
    session: AsyncSession, now: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    query = select(Window.id).where(Window.due_at <= now, among).order_by(Window.due_at, Window.id).limit(limit)
    return (await session.scalars(query)).all()


async def answered_windows(session: AsyncSession, limit: int, *, among: ColumnElement[bool]) -> Sequence[UUID]:
    """Reviews and revoked clearances that nobody waits in any more."""
    query = select(Window.id).where(_is_answered(), among).order_by(Window.closes_at, Window.id).limit(limit)
    return (await session.scalars(query)).all()


async def find_answered(session: AsyncSession, window_id: UUID) -> Row[Window, datetime | None] | None:
    """The window, locked, with the instant of the last answer; None where somebody waits in it again."""
    last_answer = func.greatest(
        select(func.max(Referral.ended_at)).where(Referral.vacancy_id == Window.vacancy_id).scalar_subquery(),
        select(func.max(Duty.decided_at)).where(Duty.vacancy_id == Window.vacancy_id).scalar_subquery(),
    )
    query = select(Window, last_answer).where(Window.id == window_id, _is_answered())
    query = query.with_for_update(of=Window).execution_options(populate_existing=True)
    return (await session.execute(query)).one_or_none()


def _is_answered() -> ColumnElement[bool]:
    waiting = exists().where(Referral.vacancy_id == Window.vacancy_id, Referral.state.in_(LIVE_STATES))
    owed = exists().where(Duty.vacancy_id == Window.vacancy_id, Duty.outcome.is_(None))
    is_review = and_(Window.state.in_(REVIEWS), Window.due_at.is_(None))
    return and_(or_(is_review, Window.revoked_at.is_not(None)), ~waiting, ~owed)


async def interests_in(session: AsyncSession, window: Window) -> Sequence[Interest]:
    """What release waits for (R19): people interested in this window, whatever became of them, anybody of the vacancy
    who still waits, and those to whom its work has to be offered (R12). An interest that was taken back is none.
    """
    is_of_it = or_(Referral.window_id == window.id, Referral.state.in_(LIVE_STATES))
    referrals = select(Referral.id, Referral.state).where(Referral.vacancy_id == window.vacancy_id, is_of_it)
    duties = select(Duty.id, Duty.outcome).where(Duty.vacancy_id == window.vacancy_id)
    found = [
        Interest(referral_id, is_eligible=state is not ReferralState.WITHDRAWN, has_outcome=state not in LIVE_STATES)
        for referral_id, state in await session.execute(referrals)
    ]
    owed = [
        Interest(duty_id, is_eligible=True, has_outcome=outcome is not None)
        for duty_id, outcome in await session.execute(duties)
    ]
    return [*found, *owed]


async def windows_without_outcomes(
    session: AsyncSession, closed_before: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    """Reviews that wait for people since before an instant, and whose council has not been reminded."""
    waiting = exists().where(Referral.vacancy_id == Window.vacancy_id, Referral.state.in_(AWAITING_COUNCIL))
    query = select(Window.id).where(
        Window.state.in_(REVIEWS),
        Window.due_at.is_(None),
        Window.closes_at < closed_before,
        Window.outcomes_alerted_at.is_(None),
        waiting,
        among,
    )
    return (await session.scalars(query.order_by(Window.closes_at, Window.id).limit(limit))).all()


async def count_awaiting_council(session: AsyncSession, vacancy_id: UUID) -> int:
    query = select(func.count()).where(Referral.vacancy_id == vacancy_id, Referral.state.in_(AWAITING_COUNCIL))
    return await session.scalar(query) or 0


async def people_who_tried(session: AsyncSession, vacancy_id: UUID) -> frozenset[UUID]:
    """Whose trial in this vacancy came to nothing."""
    query = select(Placement.registration_id).where(
        Placement.vacancy_id == vacancy_id, Placement.state.in_(ENDED_EARLY)
    )
    return frozenset(await session.scalars(query))


async def openings_left(session: AsyncSession, vacancy: Vacancy) -> int:
    """Openings that nobody has: as ats last told us, less what was accepted here and ats may not have heard of."""
    taken = select(func.count()).select_from(Placement)
    taken = taken.where(Placement.vacancy_id == vacancy.id, Placement.state.not_in(ENDED_EARLY))
    return max(0, min(vacancy.openings_remaining, vacancy.openings - (await session.scalar(taken) or 0)))


async def count_states(session: AsyncSession, state: InstrumentedAttribute[Any]) -> dict[str, int]:
    """How many rows of a table are in each state, of those the caller may see."""
    rows = await session.execute(select(state, func.count()).group_by(state))
    return {each.value: count for each, count in rows}


async def count_all_open_duties(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Duty).where(Duty.outcome.is_(None))) or 0


async def days_added_to_unmatched(session: AsyncSession) -> tuple[int, float | None]:
    """R20's figure to keep small: vacancies that matched nobody, and the median of the days that clearing took them."""
    days = func.extract("epoch", Window.released_at - Window.opened_at) / 86_400
    query = select(func.count(), func.percentile_cont(0.5).within_group(days)).where(
        Window.release_reason == ReleaseReason.NOBODY_MATCHED
    )
    count, median = (await session.execute(query)).one()
    return count, None if median is None else round(float(median), 2)


async def search_windows(
    session: AsyncSession, wanted: WindowFilter, page: PageRequest
) -> tuple[Sequence[Window], str | None]:
    """Newest first."""
    query = select(Window)
    if wanted.state is not None:
        query = query.where(Window.state == wanted.state)
    if wanted.vacancy_id is not None:
        query = query.where(Window.vacancy_id == wanted.vacancy_id)
    return await paginate(session, query, page, order=(Window.opened_at, Window.id), descending=True)
