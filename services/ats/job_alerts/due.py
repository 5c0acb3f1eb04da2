"""Due work of saved searches: the daily run, and the end of those that nobody wants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Select, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.job_alerts import queries, rules, words
from services.ats.job_alerts.models import (
    IS_ACTIVE,
    IS_ASKED,
    IS_UNCONFIRMED,
    AlertState,
    Frequency,
    JobAlert,
    JobAlertRun,
)
from services.ats.job_alerts.telling import contact_of, links_to, send_links
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.posting import page_url, pay_in_words
from services.ats.jobs.schemas import JobCriteria
from shared import outbox
from shared.calendar import LONDON
from shared.due_rows import do_each, not_held_back
from shared.events.job_alerts import AlertDigest, AlertedJob, JobAlertFound
from shared.links import signed_links
from shared.outbox import Telling
from shared.vocabulary import Service

BATCH = 200
SHOWN = 20
"""Adverts in one mail; the search page shows the others."""

Group = tuple[str, datetime | None]
"""Alerts that look for the same and were last looked for at the same time: one search answers them all."""


@dataclass(frozen=True)
class Found:
    """What is new to the alerts of one group, as they stood when they were read."""

    alerts: Sequence[JobAlert]
    search: JobCriteria | None
    job_ids: Sequence[UUID]


async def run_job_alerts(session: AsyncSession, now: datetime) -> int:
    """Due work: look once a day for the adverts that are new to each saved search, and mail those that found any.

    A row for each alert and date is what makes a retried run harmless. One bad search is put off and stops no other;
    all else is done for the batch in one statement each, since on a large board nearly every alert finds something.
    """
    due = (
        select(JobAlert)
        .where(IS_ACTIVE, JobAlert.due_at <= now, not_held_back(run_job_alerts, JobAlert.id))
        .order_by(JobAlert.search_key, JobAlert.searched_until, JobAlert.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    groups: defaultdict[Group, list[JobAlert]] = defaultdict(list)
    for alert in await session.scalars(due):
        groups[alert.search_key, alert.searched_until].append(alert)
    by_first = {alerts[0].id: alerts for alerts in groups.values()}
    found: list[Found] = []

    async def look(first_id: UUID) -> None:
        found.append(await _look(session, by_first[first_id], now=now))

    await do_each(session, run_job_alerts, list(by_first), look)
    if found:
        await _tell(session, await _note_runs(session, found, now), now=now)
    return sum(map(len, groups.values()))


async def _look(session: AsyncSession, alerts: Sequence[JobAlert], *, now: datetime) -> Found:
    until = rules.last_run(now) - rules.SETTLED_AFTER
    search, since = rules.read_search(alerts[0].search), alerts[0].searched_until or until
    if search is None:
        return Found(alerts, None, ())
    return Found(alerts, search, await queries.new_jobs(session, search, since=since, until=until, now=now))


async def _note_runs(session: AsyncSession, found: Sequence[Found], now: datetime) -> list[Found]:
    """Say that they were run. Returns what is to be told: to alerts that had no run of this date yet."""
    run_at = rules.last_run(now)
    table = cast("Table", JobAlertRun.__table__)
    run_on = run_at.astimezone(LONDON).date()
    rows = [
        {"alert_id": alert.id, "run_on": run_on, "new_jobs": len(each.job_ids)}
        for each in found
        for alert in each.alerts
    ]
    noted = insert(table).on_conflict_do_nothing().returning(table.c.alert_id)
    new = frozenset((await session.scalars(noted, rows)).all())
    until = func.greatest(JobAlert.searched_until, run_at - rules.SETTLED_AFTER)
    for frequency in Frequency:
        ids = [alert.id for each in found for alert in each.alerts if alert.frequency is frequency]
        values = {"due_at": rules.next_run(run_at, frequency), "searched_until": until}
        moved = update(JobAlert).where(JobAlert.id.in_(ids)).values(values)
        await session.execute(moved.execution_options(synchronize_session=False))
    told = [Found([alert for alert in each.alerts if alert.id in new], each.search, each.job_ids) for each in found]
    return [each for each in told if each.alerts and each.job_ids]


async def _tell(session: AsyncSession, found: Sequence[Found], *, now: datetime) -> None:
    shown = {job_id for each in found for job_id in each.job_ids[:SHOWN]}
    rows = await session.scalars(select(PublishedJob).where(PublishedJob.id.in_(shown)))
    jobs = {job.id: _as_told(job) for job in rows}
    alerts = [alert for each in found for alert in each.alerts]
    await _forget_old_links(session, alerts, now)
    tokens = await links_to(session, alerts, [now + rules.DIGEST_LINK_LIFE] * len(alerts))
    tellings = [_telling(alert, tokens[alert.id], each, jobs, now) for each in found for alert in each.alerts]
    await outbox.record_all(session, tellings, now=now)


def _telling(alert: JobAlert, token: str, found: Found, jobs: Mapping[UUID, AlertedJob], now: datetime) -> Telling:
    run_at = rules.last_run(now)
    event = JobAlertFound(
        alert_id=alert.id,
        run_on=run_at.astimezone(LONDON).date(),
        new_jobs=len(found.job_ids),
        lapses_at=rules.next_run(run_at, alert.frequency),
    )
    sealed = AlertDigest(
        **contact_of(alert, token),
        jobs=tuple(jobs[job_id] for job_id in found.job_ids[:SHOWN] if job_id in jobs),
        all_link=words.search_page(found.search or JobCriteria()),
    )
    return Telling(event, {Service.NOTIFICATIONS: sealed})


def _as_told(job: PublishedJob) -> AlertedJob:
    return AlertedJob(
        title=job.title,
        employer=job.employer_name,
        place=job.town or job.outcode,
        pay=pay_in_words(job),
        closes_at=job.closes_at,
        link=page_url(job.id),
    )


async def _forget_old_links(session: AsyncSession, alerts: Sequence[JobAlert], now: datetime) -> None:
    """Every digest brings a link: without this they would be kept for ever."""
    ids = [alert.id for alert in alerts]
    old = (signed_links.c.subject_id.in_(ids), signed_links.c.expires_at <= now)
    await session.execute(delete(signed_links).where(*old))


async def forget_unconfirmed_alerts(session: AsyncSession, now: datetime) -> int:
    """Due work: an alert that nobody confirmed within a week is deleted, with the address."""
    return await _delete(
        session, select(JobAlert.id).where(IS_UNCONFIRMED, JobAlert.created_at <= now - rules.CONFIRM_WITHIN)
    )


async def ask_to_keep_alerts(session: AsyncSession, now: datetime) -> int:
    """Due work: whoever has not touched an alert for a year is asked whether to keep it."""
    untouched = (
        select(JobAlert.id)
        .where(
            JobAlert.state != AlertState.UNCONFIRMED,
            JobAlert.keep_asked_at.is_(None),
            JobAlert.touched_at <= now - rules.UNTOUCHED_FOR,
            not_held_back(ask_to_keep_alerts, JobAlert.id),
        )
        .order_by(JobAlert.touched_at, JobAlert.id)
        .limit(BATCH)
    )

    async def ask(alert_id: UUID) -> None:
        alert = await queries.get_alert(session, alert_id, lock=True)
        if alert.keep_asked_at is None and alert.touched_at <= now - rules.UNTOUCHED_FOR:
            alert.keep_asked_at = now
            await send_links(session, [(alert, "keep")], now=now)

    return await do_each(session, ask_to_keep_alerts, (await session.scalars(untouched)).all(), ask)


async def forget_untouched_alerts(session: AsyncSession, now: datetime) -> int:
    """Due work: an alert that nobody asked to keep within thirty days is deleted, and so are old runs."""
    old_runs = JobAlertRun.run_on < (now - rules.RUNS_KEPT_FOR).date()
    await session.execute(delete(JobAlertRun).where(old_runs))
    return await _delete(
        session, select(JobAlert.id).where(IS_ASKED, JobAlert.keep_asked_at <= now - rules.KEEP_WITHIN)
    )


async def _delete(session: AsyncSession, ids: Select[UUID]) -> int:
    """Delete alerts a batch at a time, with their runs and links. Returns how many."""
    gone = (await session.scalars(ids.limit(BATCH).with_for_update(skip_locked=True))).all()
    await session.execute(delete(JobAlert).where(JobAlert.id.in_(gone)))
    await session.execute(delete(signed_links).where(signed_links.c.subject_id.in_(gone)))
    return len(gone)
