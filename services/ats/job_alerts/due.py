"""Due work of saved searches: the daily run, and the end of those that nobody wants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Select, Table, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.job_alerts import queries, rules, words
from services.ats.job_alerts.models import IS_ACTIVE, IS_ASKED, IS_UNCONFIRMED, AlertState, JobAlert, JobAlertRun
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


async def run_job_alerts(session: AsyncSession, now: datetime) -> int:
    """Due work: look once a day for the adverts that are new to each saved search, and mail those that found any.

    A row for each alert and date is what makes a retried run harmless. One bad search is put off and stops no other.
    """
    due = (
        select(JobAlert)
        .where(IS_ACTIVE, JobAlert.due_at <= now, not_held_back(run_job_alerts, JobAlert.id))
        .order_by(JobAlert.search_key, JobAlert.searched_until, JobAlert.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    groups: defaultdict[Group, list[UUID]] = defaultdict(list)
    for alert in await session.scalars(due):
        groups[alert.search_key, alert.searched_until].append(alert.id)
    by_first = {ids[0]: ids for ids in groups.values()}

    async def run(first_id: UUID) -> None:
        await _run_equal(session, by_first[first_id], now=now)

    await do_each(session, run_job_alerts, list(by_first), run)
    return sum(map(len, groups.values()))


async def _run_equal(session: AsyncSession, alert_ids: Sequence[UUID], *, now: datetime) -> None:
    """Run alerts that look for the same over the same time."""
    alerts = (await session.scalars(select(JobAlert).where(JobAlert.id.in_(alert_ids)).order_by(JobAlert.id))).all()
    run_at = rules.last_run(now)
    until = run_at - rules.SETTLED_AFTER
    search, since = rules.read_search(alerts[0].search), alerts[0].searched_until or until
    found = await queries.new_jobs(session, search, since=since, until=until, now=now) if search else ()
    new_runs = await _note_runs(session, alerts, run_at, len(found))
    for alert in alerts:
        alert.due_at = rules.next_run(run_at, alert.frequency)
        alert.searched_until = max(since, until)
    if search and found and new_runs:
        told = [alert for alert in alerts if alert.id in new_runs]
        await _tell(session, told, search, found, now=now)


async def _note_runs(
    session: AsyncSession, alerts: Sequence[JobAlert], run_at: datetime, new_jobs: int
) -> frozenset[UUID]:
    """The alerts that had no run of this date yet."""
    table = cast("Table", JobAlertRun.__table__)
    run_on = run_at.astimezone(LONDON).date()
    rows = [{"alert_id": alert.id, "run_on": run_on, "new_jobs": new_jobs} for alert in alerts]
    noted = insert(table).values(rows).on_conflict_do_nothing().returning(table.c.alert_id)
    return frozenset((await session.scalars(noted)).all())


async def _tell(
    session: AsyncSession, alerts: Sequence[JobAlert], search: JobCriteria, found: Sequence[UUID], *, now: datetime
) -> None:
    rows = await session.scalars(
        select(PublishedJob)
        .where(PublishedJob.id.in_(found[:SHOWN]))
        .order_by(PublishedJob.listed_at.desc(), PublishedJob.id)
    )
    jobs = tuple(_as_told(job) for job in rows)
    await _forget_old_links(session, alerts, now)
    tokens = await links_to(session, alerts, [now + rules.DIGEST_LINK_LIFE] * len(alerts))
    tellings = []
    for alert in alerts:
        assert alert.due_at is not None
        event = JobAlertFound(
            alert_id=alert.id,
            run_on=rules.last_run(now).astimezone(LONDON).date(),
            new_jobs=len(found),
            lapses_at=alert.due_at,
        )
        sealed = AlertDigest(**contact_of(alert, tokens[alert.id]), jobs=jobs, all_link=words.search_page(search))
        tellings.append(Telling(event, {Service.NOTIFICATIONS: sealed}))
    await outbox.record_all(session, tellings, now=now)


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
