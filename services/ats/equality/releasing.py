"""A worker counts each quarter once, half a year after its end, and forgets who said what. Its counts are held, sealed,
until those of the year are out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality import queries, rules
from services.ats.equality.keeping import seal_counts, unseal, unseal_counts
from services.ats.equality.models import EqualityAnswer, EqualityHeldCounts, EqualityRelease, EqualityTable
from services.ats.equality.queries import AT_ONCE, Candidacy
from services.ats.equality.questions import QUESTIONS
from services.ats.equality.rules import Applicant, Quarter, Scope, Shown, Year
from services.ats.equality.years import CountedQuarter, tables_of_year
from shared.calendar import local_date
from shared.database import Sessions, transaction
from shared.tenancy import REGION
from shared.worker import WorkerContext

log = structlog.get_logger()

GLANCE_SECONDS = 60.0


async def release_figures(context: WorkerContext) -> None:
    """A worker's background task: until cancelled."""
    while True:
        if not await release_next(context.sessions, now=context.clock.now()):
            await asyncio.sleep(GLANCE_SECONDS)


async def release_next(sessions: Sessions, *, now: datetime) -> bool:
    """Release the first quarter that is settled, or year whose quarters are out, and not out yet. False when there is
    none.

    Of several workers that count the same the first to finish releases it. Counting takes up to minutes on another
    thread, for a region; no transaction is open meanwhile.
    """
    async with transaction(sessions, REGION) as session:
        year = await queries.next_year(session)
        quarter = await queries.next_quarter(session, today=local_date(now)) if year is None else None
    if year is not None:
        await _release_year(sessions, year, now=now)
    elif quarter is not None:
        await _release_quarter(sessions, quarter, now=now)
    return not (year is None and quarter is None)


async def _release_quarter(sessions: Sessions, quarter: Quarter, *, now: datetime) -> None:
    async with transaction(sessions, REGION) as session:
        candidacies = await queries.candidacies(session, quarter)
        answers = await queries.answers_under(session, [each.key for each in candidacies])
    applicants = [_applicant(each, answers[each.key]) for each in candidacies if each.key in answers]
    counted = await asyncio.to_thread(rules.counts_of, applicants) if applicants else {}
    tables = await asyncio.to_thread(rules.tables_of_counts, counted)
    async with transaction(sessions, REGION) as session:
        if not await _claim(session, str(quarter), now=now):
            return
        _publish(session, str(quarter), tables, now=now)
        if counted:
            session.add(EqualityHeldCounts(quarter=str(quarter), sealed=seal_counts(counted, quarter=quarter)))
        await _forget(session, list(answers))
    log.info("equality_figures_released", period=str(quarter))


async def _release_year(sessions: Sessions, year: Year, *, now: datetime) -> None:
    """A year of which a quarter was released before counts were held has no tables: it would be no year."""
    async with transaction(sessions, REGION) as session:
        held = await queries.held_counts(session, year)
        shown = await queries.tables_shown(session, year.quarters)
    tables: Mapping[str, Mapping[Scope, Shown]] = {}
    if held and held.keys() == shown.keys():
        counted = [
            CountedQuarter(str(quarter), unseal_counts(sealed, quarter=quarter), shown[quarter])
            for quarter, sealed in held.items()
        ]
        tables = await asyncio.to_thread(tables_of_year, counted)
    async with transaction(sessions, REGION) as session:
        if not await _claim(session, str(year), now=now):
            return
        _publish(session, str(year), tables, now=now)
        quarters = [str(each) for each in year.quarters]
        await session.execute(delete(EqualityHeldCounts).where(EqualityHeldCounts.quarter.in_(quarters)))
    log.info("equality_figures_released", period=str(year))


async def _claim(session: AsyncSession, period: str, *, now: datetime) -> bool:
    claim = insert(EqualityRelease).values(period=period, released_on=local_date(now)).on_conflict_do_nothing()
    return await session.scalar(claim.returning(EqualityRelease.period)) is not None


def _applicant(candidacy: Candidacy, sealed: bytes) -> Applicant:
    answers = unseal(sealed, key=candidacy.key)
    return Applicant(
        employer_id=candidacy.employer_id,
        family=candidacy.family,
        reached=candidacy.reached,
        groups={each.id: each.group_of(answers[each.id]) for each in QUESTIONS.values()},
    )


def _publish(session: AsyncSession, period: str, tables: Mapping[str, Mapping[Scope, Shown]], *, now: datetime) -> None:
    session.add_all(
        EqualityTable(
            period=period,
            employer_id=scope.employer_id,
            family=scope.family,
            characteristic=characteristic,
            threshold=rules.THRESHOLD,
            released_on=local_date(now),
            people=dict(shown),
        )
        for characteristic, by_scope in tables.items()
        for scope, shown in by_scope.items()
    )


async def _forget(session: AsyncSession, keys: list[bytes]) -> None:
    for start in range(0, len(keys), AT_ONCE):
        await session.execute(delete(EqualityAnswer).where(EqualityAnswer.key.in_(keys[start : start + AT_ONCE])))
