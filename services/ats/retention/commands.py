from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.audit.actor import SYSTEM, Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.privacy.registry import TABLES
from services.ats.retention import queries, rules
from services.ats.retention.models import RetentionPolicy, RetentionRun
from services.ats.retention.notices import BATCH, give_notice
from services.ats.retention.rules import Terms
from services.ats.retention.states import RecordKind
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.links import end_link_sessions_of, revoke_links
from shared.orm import table_of
from shared.personal_data import erase_rows
from shared.registry import list_employers

RUNS = table_of(RetentionRun)


async def choose_policy(
    session: AsyncSession,
    employer_id: UUID,
    kind: RecordKind,
    *,
    terms: Terms,
    valid_from: date,
    actor: Actor,
    now: datetime,
) -> RetentionPolicy:
    """Raises MonthsOutOfBounds, NoticeOutOfBounds, PolicyBackdated."""
    rules.refuse_policy(kind, terms, valid_from, local_date(now))
    policy = RetentionPolicy(
        employer_id=employer_id,
        record_kind=kind,
        months=terms.months,
        valid_from=valid_from,
        notice_days=terms.notice_days,
        made_by=actor.id,
        made_at=now,
    )
    session.add(policy)
    told = f"{kind.value}: {terms.months} months from {valid_from.isoformat()}, told {terms.notice_days} days before"
    subject = Subject("employer", employer_id, employer_id)
    write_audit(session, "retention_policy_chosen", subject, actor=actor, at=now, reason=told)
    await session.flush()
    return policy


async def apply_retention(session: AsyncSession, now: datetime) -> int:
    """Due work, once a day for each employer and kind of record: tell whose time is over soon, and forget whose is
    over and who was told, fifty at a time.
    """
    today = local_date(now)
    finished = await queries.finished_on(session, today)
    everything = {(each.id, kind) for each in await list_employers(session) for kind in RecordKind}
    left = sorted(everything - finished)
    chosen = await queries.policies_in_force(session, today) if left else {}
    for employer_id, kind in left:
        terms = rules.terms_of(chosen, employer_id, kind)
        told = await give_notice(session, employer_id, kind, terms, now=now)
        if told == BATCH:
            return told
        tried = await _forget_some(session, employer_id, kind, terms, now=now)
        if tried == BATCH:
            return tried
    return 0


async def _forget_some(
    session: AsyncSession, employer_id: UUID, kind: RecordKind, terms: Terms, *, now: datetime
) -> int:
    """The day's run of one employer and kind is finished when fewer than a batch were left."""
    today = local_date(now)
    due = queries.over_and_told(employer_id, kind, terms, today).where(not_held_back(apply_retention, Application.id))
    ids = (await session.scalars(due.limit(BATCH).with_for_update(of=Application, skip_locked=True))).all()
    forgotten = 0

    async def forget(application_id: UUID) -> None:
        nonlocal forgotten
        await erase_rows(session, TABLES, [application_id])
        await revoke_links(session, application_id, now=now)
        await end_link_sessions_of(session, application_id)
        forgotten += 1

    tried = await do_each(session, apply_retention, ids, forget)
    finished_at = now if tried < BATCH else None
    first = insert(RUNS).values(
        employer_id=employer_id,
        record_kind=kind,
        ran_on=today,
        months=terms.months,
        forgotten=forgotten,
        finished_at=finished_at,
    )
    again = first.on_conflict_do_update(
        index_elements=["employer_id", "record_kind", "ran_on"],
        set_={"forgotten": RUNS.c.forgotten + forgotten, "finished_at": finished_at},
    )
    await session.execute(again)
    if forgotten:
        subject = Subject("employer", employer_id, employer_id)
        told = f"{kind.value}: {forgotten} forgotten after {terms.months} months"
        write_audit(session, "retention_applied", subject, actor=SYSTEM, at=now, reason=told)
    return tried
