"""A worker counts each quarter once, half a year after its end, and forgets who said what."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality import queries, rules
from services.ats.equality.keeping import unseal
from services.ats.equality.models import EqualityAnswer, EqualityRelease, EqualityTable
from services.ats.equality.queries import AT_ONCE, Candidacy
from services.ats.equality.questions import QUESTIONS
from services.ats.equality.rules import Applicant, Quarter, Scope, Shown
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
    """Release the first quarter that is settled and not out yet. False when there is none.

    Of several workers that count the same quarter the first to finish releases it. Counting takes up to minutes on
    another thread, for a region; no transaction is open meanwhile.
    """
    today = local_date(now)
    async with transaction(sessions, REGION) as session:
        quarter = await queries.next_quarter(session, today=today)
        if quarter is None:
            return False
        candidacies = await queries.candidacies(session, quarter)
        answers = await queries.answers_under(session, [each.key for each in candidacies])
    applicants = [_applicant(each, answers[each.key]) for each in candidacies if each.key in answers]
    tables = await asyncio.to_thread(rules.tables_of, applicants) if applicants else {}
    async with transaction(sessions, REGION) as session:
        claim = insert(EqualityRelease).values(quarter=str(quarter), released_on=today).on_conflict_do_nothing()
        if await session.scalar(claim.returning(EqualityRelease.quarter)) is not None:
            _publish(session, quarter, tables, now=now)
            await _forget(session, list(answers))
            log.info("equality_figures_released", quarter=str(quarter))
    return True


def _applicant(candidacy: Candidacy, sealed: bytes) -> Applicant:
    answers = unseal(sealed, key=candidacy.key)
    return Applicant(
        employer_id=candidacy.employer_id,
        family=candidacy.family,
        reached=candidacy.reached,
        groups={each.id: each.group_of(answers[each.id]) for each in QUESTIONS.values()},
    )


def _publish(
    session: AsyncSession, quarter: Quarter, tables: Mapping[str, Mapping[Scope, Shown]], *, now: datetime
) -> None:
    session.add_all(
        EqualityTable(
            quarter=str(quarter),
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
