from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, CandidateContact, PoolMember
from services.ats.persons.queries import are_one_person
from services.ats.privacy.models import LegalHold
from services.ats.retention import rules
from services.ats.retention.models import RetentionNotice, RetentionPolicy, RetentionRun
from services.ats.retention.states import STAGES, RecordKind
from services.ats.vacancies.models import Vacancy
from shared.calendar import start_of_local_day

RUNS_SHOWN = 100


async def policies_in_force(
    session: AsyncSession, today: date, employer_ids: Collection[UUID] | None = None
) -> dict[tuple[UUID, RecordKind], rules.Terms]:
    """What employers have chosen; who has chosen nothing is not in it (`rules.terms_of`)."""
    query = select(RetentionPolicy).where(RetentionPolicy.valid_from <= today)
    if employer_ids is not None:
        query = query.where(RetentionPolicy.employer_id.in_(employer_ids))
    found = await session.scalars(query.order_by(RetentionPolicy.valid_from, RetentionPolicy.made_at))
    return {(each.employer_id, each.record_kind): rules.Terms(each.months, each.notice_days) for each in found}


async def all_policies(session: AsyncSession) -> Sequence[RetentionPolicy]:
    """Newest first."""
    query = select(RetentionPolicy).order_by(RetentionPolicy.made_at.desc(), RetentionPolicy.id)
    return (await session.scalars(query)).all()


async def finished_on(session: AsyncSession, day: date) -> set[tuple[UUID, RecordKind]]:
    query = select(RetentionRun.employer_id, RetentionRun.record_kind).where(
        RetentionRun.ran_on == day, RetentionRun.finished_at.is_not(None)
    )
    return {(row.employer_id, row.record_kind) for row in await session.execute(query)}


async def latest_runs(session: AsyncSession) -> Sequence[RetentionRun]:
    """Those that forgot something, newest first."""
    query = select(RetentionRun).where(RetentionRun.forgotten > 0).order_by(RetentionRun.ran_on.desc())
    return (await session.scalars(query.limit(RUNS_SHOWN))).all()


def over(employer_id: UUID, kind: RecordKind, months: int, today: date) -> Select[UUID]:
    """Applications that still name somebody though their time is over, and that neither a legal hold keeps nor
    the person's place in the talent pool.
    """
    return (
        select(Application.id)
        .join(CandidateContact, CandidateContact.application_id == Application.id)
        .join(Vacancy, Vacancy.id == Application.vacancy_id)
        .where(
            Application.employer_id == employer_id,
            Application.stage.in_(STAGES[kind]),
            _ended_before(kind, rules.months_before(today, months)),
            ~exists().where(
                LegalHold.employer_id == Application.employer_id,
                or_(
                    LegalHold.person_key == Application.person_key,
                    are_one_person(LegalHold.employer_id, LegalHold.person_key, Application.person_key),
                ),
                LegalHold.lifted_at.is_(None),
            ),
            # Kept with the person's own consent, which ends with their year in the talent pool.
            ~exists().where(PoolMember.application_id == Application.id),
        )
        .order_by(Application.id)
    )


def untold(employer_id: UUID, kind: RecordKind, terms: rules.Terms, today: date) -> Select[UUID]:
    """Applications whose time is over soon, or is over already, and whose candidate has not been told."""
    soon = over(employer_id, kind, terms.months, today + timedelta(days=terms.notice_days))
    return soon.where(~exists().where(RetentionNotice.application_id == Application.id))


def over_and_told(employer_id: UUID, kind: RecordKind, terms: rules.Terms, today: date) -> Select[UUID]:
    """Those whose time is over, and whose candidate was told as long before as the policy says."""
    told = exists().where(
        RetentionNotice.application_id == Application.id,
        RetentionNotice.told_on <= today - timedelta(days=terms.notice_days),
    )
    return over(employer_id, kind, terms.months, today).where(told)


async def count_ending(
    session: AsyncSession, employer_id: UUID, today: date, months: dict[RecordKind, int]
) -> dict[RecordKind, int]:
    """How many are forgotten within the days of notice unless a legal hold is placed."""
    counted = {}
    for kind in RecordKind:
        soon = over(employer_id, kind, months[kind], today + timedelta(days=rules.NOTICE_DAYS)).order_by(None)
        counted[kind] = await session.scalar(select(func.count()).select_from(soon.subquery())) or 0
    return counted


def _ended_before(kind: RecordKind, day: date) -> ColumnElement[bool]:
    if kind is RecordKind.HIRED_APPLICATION:
        return Application.starts_on < day
    instant = start_of_local_day(day)
    closed = func.coalesce(Vacancy.closes_at, Application.stage_entered_at)
    return func.greatest(Application.stage_entered_at, closed) < instant
