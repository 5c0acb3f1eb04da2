"""A return from its first row to its last. So many campaigns at a time are a transaction of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import standing_steps
from services.ats.monthly_returns import queries, rules
from services.ats.monthly_returns.columns import FileEmpty, header_of
from services.ats.monthly_returns.here import record_here, refusals_here
from services.ats.monthly_returns.models import MonthlyReturn, ReturnedCampaign
from services.ats.monthly_returns.recording import Sending, record_past
from services.ats.monthly_returns.rows import Finding, Key, Row, read_row
from services.ats.monthly_returns.schemas import MAX_ROWS, FindingRead, ReturnReport, ReturnRow, ReturnStatus
from services.ats.vacancies.commands import employer_of
from services.ats.vacancies.models import Vacancy
from services.ats.vacancy_uploads.commands import TooManyRows
from services.ats.vacancy_uploads.lines import lines_of
from shared.calendar import local_date
from shared.database import Sessions, transaction
from shared.errors import DomainError, Invalid
from shared.principals import Principal

BATCH = 250
"""Campaigns. Beside them nothing is held that a twin return of the employer would not wait for anyway."""


class MonthAhead(Invalid):
    code = "month_ahead"
    title = "A return is of a month that has begun"


class TakenAlready(DomainError):
    code = "return_taken"
    title = "This return was taken already"


@dataclass(frozen=True, slots=True)
class Campaign:
    key: Key
    rows: Sequence[Row]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    status: ReturnStatus
    findings: Sequence[Finding] = ()


async def begin_return(
    sessions: Sessions, employer: str, month: str, *, caller: Principal, now: datetime
) -> tuple[Sending, MonthlyReturn]:
    """Raises EmployerUnknown, MonthAhead."""
    if month > local_date(now).isoformat()[:7]:
        raise MonthAhead(field="month")
    async with transaction(sessions, caller.tenancy) as session:
        found = await employer_of(session, employer, caller)
    made = MonthlyReturn(employer_id=found.id, month=month, received_at=now)
    return Sending(made.id, found.id, found.code, month, Actor.of(caller), now), made


async def read_rows(stream: AsyncIterator[bytes], sending: Sending) -> list[Row]:
    """Every row of the file, checked for itself and beside the others of its campaign.

    Raises what is wrong with the header: PersonalColumn, ColumnUnknown, ColumnMissing, FileEmpty; and TooManyRows.
    """
    header: Sequence[str] | None = None
    rows: list[Row] = []
    today = local_date(sending.now)
    async for line in lines_of(stream, is_csv=True):
        if header is None:
            header = header_of(line)
            continue
        if len(rows) == MAX_ROWS:
            raise TooManyRows(next_step="Send it as several returns of the month; a campaign's rows stay together.")
        rows.append(read_row(len(rows) + 1, line, header, employer=sending.employer_code, today=today))
    if header is None:
        raise FileEmpty(next_step="Start from the template.")
    for together in _by_campaign(rows).values():
        rules.refuse_contradictions(together)
    return rows


def _by_campaign(rows: Sequence[Row]) -> Mapping[Key, Sequence[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        if row.key is not None:
            found[row.key].append(row)
    return found


async def record_rows(
    sessions: Sessions, sending: Sending, rows: Sequence[Row], *, caller: Principal, is_rehearsal: bool
) -> list[ReturnRow]:
    """What becomes of each row. A rehearsal does everything, and takes it back."""
    sound = [
        Campaign(key, together, rules.facts_of(together))
        for key, together in _by_campaign(rows).items()
        if not any(row.findings for row in together)
    ]
    verdicts: dict[Key, Verdict] = {}
    for first in range(0, len(sound), BATCH):
        async with transaction(sessions, caller.tenancy) as session:
            rehearsal = await session.begin_nested() if is_rehearsal else None
            verdicts |= await _record(session, sending, sound[first : first + BATCH])
            if rehearsal is not None:
                await rehearsal.rollback()
    quality = {each.key: rules.quality_of(each.facts) for each in sound}
    return [_result(row, verdicts.get(row.key) if row.key else None, quality) for row in rows]


def _result(row: Row, verdict: Verdict | None, quality: Mapping[Key, Any]) -> ReturnRow:
    found = row.findings if verdict is None else verdict.findings
    status = ReturnStatus.REFUSED if verdict is None else verdict.status
    return ReturnRow(
        row=row.number,
        status=status,
        external_reference=None if row.key is None else row.key.external_reference,
        opening_no=row.opening_no,
        quality=None if status is ReturnStatus.REFUSED or row.key is None else quality[row.key],
        findings=[FindingRead(**each._asdict()) for each in found],
    )


async def _record(session: AsyncSession, sending: Sending, campaigns: Sequence[Campaign]) -> dict[Key, Verdict]:
    """Returns of one employer wait for each other here, so that no campaign is made or corrected twice."""
    await session.execute(select(func.pg_advisory_xact_lock(sending.employer_id.int >> 65)))
    keys = [each.key for each in campaigns]
    known = await queries.campaigns_by_key(session, sending.employer_id, keys)
    here = await queries.vacancies_by_key(session, sending.employer_id, keys)
    told = {each.key: each.facts for each in campaigns}
    logged = {each.id for key, each in known.items() if key in here or each.facts != told[key]}
    logged |= {each.id for each in here.values()}
    standing: dict[UUID, list[HiringLogEntry]] = defaultdict(list)
    for entry in await standing_steps(session, logged):
        standing[entry.vacancy_id].append(entry)
    found = {}
    for each in campaigns:
        found[each.key] = await _take(session, sending, each, (known.get(each.key), here.get(each.key)), standing)
    return found


async def _take(
    session: AsyncSession,
    sending: Sending,
    campaign: Campaign,
    known: tuple[ReturnedCampaign | None, Vacancy | None],
    standing: Mapping[UUID, Sequence[HiringLogEntry]],
) -> Verdict:
    """The latest month's row stands whole, whenever it comes; within a month, the one that came last."""
    kept, vacancy = known
    if kept is not None and kept.month > sending.month:
        return Verdict(ReturnStatus.OLDER)
    if vacancy is not None and (refusals := refusals_here(vacancy, campaign.facts)):
        return Verdict(ReturnStatus.REFUSED, refusals)
    if kept is not None and vacancy is None and kept.facts == campaign.facts:
        kept.month = sending.month
        return Verdict(ReturnStatus.UNCHANGED)
    is_new = kept is None
    if kept is None:
        kept = _keep(session, sending, campaign)
    kept.month, kept.facts = sending.month, campaign.facts
    kept.openings, kept.quality = campaign.facts["openings"], rules.quality_of(campaign.facts)
    if vacancy is None:
        wanted = rules.log_of(campaign.facts)
        before = standing.get(kept.id, ())
        is_corrected = record_past(session, sending, kept.id, wanted, before)
        return Verdict(_status(is_new or len(wanted) > len(before), is_corrected))
    if kept.vacancy_id is None:
        # It has become a vacancy here since: what was known of it is told of the vacancy instead, and once.
        record_past(session, sending, kept.id, {}, standing.get(kept.id, ()))
        kept.vacancy_id = vacancy.id
    has_new, is_corrected, findings = await record_here(
        session, sending, vacancy, campaign.facts, standing.get(vacancy.id, ())
    )
    return Verdict(_status(has_new, is_corrected), findings)


def _keep(session: AsyncSession, sending: Sending, campaign: Campaign) -> ReturnedCampaign:
    made = ReturnedCampaign(
        employer_id=sending.employer_id,
        source_system=campaign.key.source_system,
        external_reference=campaign.key.external_reference,
        month=sending.month,
        openings=campaign.facts["openings"],
        quality=rules.quality_of(campaign.facts),
        facts=campaign.facts,
        id=uuid4(),
    )
    session.add(made)
    return made


def _status(has_new: bool, is_corrected: bool) -> ReturnStatus:
    if is_corrected:
        return ReturnStatus.CORRECTED
    return ReturnStatus.RECORDED if has_new else ReturnStatus.UNCHANGED


async def finish_return(
    sessions: Sessions, made: MonthlyReturn, results: Sequence[ReturnRow], *, caller: Principal, now: datetime
) -> ReturnReport:
    """Keep what became of its rows. Its content is not kept any longer."""
    async with transaction(sessions, caller.tenancy) as session:
        made.taken_at, made.content = now, None
        made.results = [each.model_dump(mode="json") for each in results]
        kept = await session.merge(made)
        subject = Subject("monthly_return", kept.id, kept.employer_id)
        write_audit(session, "monthly_return_taken", subject, actor=Actor.of(caller), at=now, reason=kept.month)
        return queries.report_of(kept)


async def keep_to_look_at(
    sessions: Sessions, made: MonthlyReturn, content: bytes, results: Sequence[ReturnRow], *, caller: Principal
) -> UUID:
    """A file that a person has checked and may still take. The one before it, of the same month, is let go."""
    async with transaction(sessions, caller.tenancy) as session:
        earlier = delete(MonthlyReturn).where(
            MonthlyReturn.employer_id == made.employer_id,
            MonthlyReturn.month == made.month,
            MonthlyReturn.taken_at.is_(None),
        )
        await session.execute(earlier)
        made.content, made.results = content, [each.model_dump(mode="json") for each in results]
        session.add(made)
        return made.id
