"""Due work of reserve lists: telling who was listed, and the end of a list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application, RejectionEntry
from services.ats.applications.states import RejectionReason, Stage
from services.ats.applications.telling import audit_application, tell
from services.ats.audit.actor import SYSTEM
from services.ats.reserve_lists.commands import leave_reserve_list, tell_listed
from services.ats.reserve_lists.models import EndedHow, ReserveEntry
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy
from shared.due_rows import do_each, not_held_back
from shared.events.applications import ApplicationClosed
from shared.vocabulary import VacancyState

BATCH = 100
ENDS_ITS_LIST = frozenset({VacancyState.UNFILLED, VacancyState.CANCELLED})
"""A vacancy that is filled keeps its list: whoever was hired may yet not come."""


async def tell_reserve_lists(session: AsyncSession, now: datetime) -> int:
    """Due work: tell everybody who was listed, at the very instant at which the delay is over."""
    due = select(ReserveEntry.id).where(
        ReserveEntry.tell_at <= now,
        ReserveEntry.told_at.is_(None),
        ReserveEntry.ended_at.is_(None),
        not_held_back(tell_reserve_lists, ReserveEntry.id),
    )
    ids = (await session.scalars(due.order_by(ReserveEntry.tell_at, ReserveEntry.id).limit(BATCH))).all()

    async def tell_one(entry_id: UUID) -> None:
        vacancy, application, entry = await _lock(session, entry_id)
        if entry.told_at is None and entry.ended_at is None:
            await tell_listed(session, vacancy, application, entry)

    return await do_each(session, tell_reserve_lists, ids, tell_one)


async def end_reserve_lists(session: AsyncSession, now: datetime) -> int:
    """Due work: who is on a list whose time is over, or whose vacancy ended without being filled, is told so, once.

    From there on it is a rejection like any other.
    """
    due = (
        select(ReserveEntry.id)
        .join(Vacancy, Vacancy.id == ReserveEntry.vacancy_id)
        .where(
            ReserveEntry.ended_at.is_(None),
            or_(ReserveEntry.until <= now, Vacancy.state.in_(ENDS_ITS_LIST)),
            not_held_back(end_reserve_lists, ReserveEntry.id),
        )
        .order_by(ReserveEntry.until, ReserveEntry.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def end_one(entry_id: UUID) -> None:
        vacancy, application, entry = await _lock(session, entry_id)
        if entry.ended_at is None and (entry.until <= now or vacancy.state in ENDS_ITS_LIST):
            await _end(session, vacancy, application, entry, now=now)

    return await do_each(session, end_reserve_lists, ids, end_one)


async def _end(
    session: AsyncSession, vacancy: Vacancy, application: Application, entry: ReserveEntry, *, now: datetime
) -> None:
    is_over = vacancy.state in ENDS_ITS_LIST
    how = EndedHow.VACANCY_ENDED if is_over else EndedHow.EXPIRED
    reason = application_rules.REASONS_OF_THE_END[vacancy.state] if is_over else "reserve_list_ended"
    at = now if is_over else entry.until
    await leave_reserve_list(session, application, how, now=at)
    rejection = RejectionEntry(
        employer_id=application.employer_id,
        application_id=application.id,
        # Undone, it leads back to where they were listed from.
        from_stage=Stage.INTERVIEW,
        decided_at=at,
        tell_at=at,
        told_at=at,
    )
    session.add(rejection)
    application_rules.end_reserve_listing(application, RejectionReason(reason), at)
    audit_application(session, application, "application_closed", actor=SYSTEM, at=at, reason=reason)
    closed = ApplicationClosed(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
        reason=reason,
    )
    rejection.event_id = await tell(session, application, closed, now=at)


async def _lock(session: AsyncSession, entry_id: UUID) -> tuple[Vacancy, Application, ReserveEntry]:
    found = await session.get_one(ReserveEntry, entry_id)
    vacancy = await get_vacancy(session, found.vacancy_id, lock=True)
    application = await application_queries.get_application(session, found.application_id, lock=True)
    return vacancy, application, await session.get_one(ReserveEntry, entry_id, populate_existing=True)
