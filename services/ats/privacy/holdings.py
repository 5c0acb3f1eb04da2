"""What ats itself holds of a person, and what it does about it when they ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.commands import ONE_PER_PERSON, is_breach_of
from services.ats.applications.models import Application
from services.ats.applications.states import UNDECIDED, ApplicationSource, Stage
from services.ats.files.models import Document
from services.ats.offers.commands import withdraw_application
from services.ats.persons.commands import follow_key
from services.ats.privacy.contents import ErasedContents
from services.ats.privacy.models import DataSubjectCase
from services.ats.privacy.registry import (
    ALERT_TABLES,
    ALERTS,
    APPLICATIONS,
    CONTACTS,
    DRAFT_TABLES,
    DRAFTS,
    LINKS,
    POOL_TABLES,
    TABLES,
    of_person,
    under_address,
)
from services.ats.privacy.states import BOUND, CaseKind
from shared.case_answers import Records
from shared.links import end_link_sessions_of, revoke_links
from shared.personal_data import Done, PersonalTable, change_rows, count_rows, erase_rows, records_of
from shared.principals import Principal, PrincipalKind
from shared.sealing import person_key

# The case itself says who asked; each step that follows from it is the system's.
BY_THE_CASE = Principal(kind=PrincipalKind.STAFF, is_region=True)

Found = Sequence[Row[UUID, UUID, Stage, ApplicationSource]]


async def act_on(
    session: AsyncSession, case: DataSubjectCase, *, erased: ErasedContents, now: datetime
) -> tuple[Done, Records]:
    """Show, put right or erase. `erased` is told the contents that nobody has then."""
    columns = (Application.id, Application.employer_id, Application.stage, Application.source)
    # An address is put right where it was given: two that were found to be one person's stay two.
    whose = under_address if case.kind is CaseKind.RECTIFICATION else of_person
    wanted = select(*columns).where(whose(case.person_key, case.employer_id)).order_by(Application.id)
    found = (await session.execute(wanted)).all()
    ids = [each.id for each in found]
    alerts, drafts = await _alerts(session, case), await _drafts(session, case)
    own = ((ALERT_TABLES, alerts), (DRAFT_TABLES, drafts))
    done = Done(held=await count_rows(session, TABLES, ids))
    for tables, own_ids in own:
        _add(done.held, await count_rows(session, tables, own_ids))
    match case.kind:
        case CaseKind.ACCESS:
            records = await records_of(session, TABLES, ids)
            for tables, own_ids in own:
                for name, rows in (await records_of(session, tables, own_ids)).items():
                    records.setdefault(name, []).extend(rows)
            return done, _as_told(records)
        case CaseKind.RECTIFICATION:
            await _put_right(session, case, ids, alerts, done)
        case CaseKind.ERASURE:
            _add(done.changed, await erase_rows(session, POOL_TABLES, ids))
            erasable = await _erasable(session, case, found, done, now=now)
            await erased.note(session, Document.application_id.in_(erasable) | Document.draft_id.in_(drafts))
            await _forget(session, ((TABLES, erasable), *own), done, now=now)
    return done, {}


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    """Documents are of applications and of drafts."""
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


async def _alerts(session: AsyncSession, case: DataSubjectCase) -> Sequence[UUID]:
    if case.employer_id is not None:
        return []
    return (await session.scalars(select(ALERTS.c.id).where(ALERTS.c.person_key == case.person_key))).all()


async def _drafts(session: AsyncSession, case: DataSubjectCase) -> Sequence[UUID]:
    theirs = select(DRAFTS.c.id).where(DRAFTS.c.person_key == case.person_key)
    if case.employer_id is not None:
        theirs = theirs.where(DRAFTS.c.advertiser_id == case.employer_id)
    return (await session.scalars(theirs)).all()


def _as_told(records: Records) -> Records:
    """A rejection, or a place on a reserve list, that its employer has not told yet may still be undone: until then
    nobody reads of it here.
    """
    untold = {each["application_id"]: each for each in records.get("rejections", ()) if not each["told_at"]}
    standing = {key: each for key, each in untold.items() if each["undone_at"] is None}
    listed = {each["application_id"] for each in records.get("reserve_entries", ()) if not each["told_at"]}
    if not standing and not listed:
        return records
    shown = dict(records)
    if standing:
        shown["rejections"] = [each for each in records["rejections"] if each not in standing.values()]
    hidden = {"rejection_reason": None, "unmet_criteria": [], "decided_by": None, "decided_at": None}
    shown["applications"] = [
        each if each["id"] not in standing else each | hidden | {"stage": standing[each["id"]]["from_stage"]}
        for each in records["applications"]
    ]
    shown["applications"] = [_unlisted(each) if each["id"] in listed else each for each in shown["applications"]]
    if listed:
        shown["reserve_entries"] = [each for each in records["reserve_entries"] if each["told_at"]]
    return shown


def _unlisted(application: dict[str, Any]) -> dict[str, Any]:
    """Of a listing that was not told: only who still stands there is shown as before it."""
    if application["stage"] != Stage.RESERVE_LISTED:
        return application
    return application | {"stage": Stage.INTERVIEW.value, "decided_by": None, "decided_at": None}


async def _erasable(
    session: AsyncSession, case: DataSubjectCase, found: Found, done: Done, *, now: datetime
) -> list[UUID]:
    """Whoever still waits withdraws first, so that no place on a shortlist is nobody's."""
    held_for: Collection[str] = case.held_for
    ids = []
    for each in found:
        if str(each.employer_id) in held_for:
            done.keep("legal_hold")
        elif each.stage in BOUND:
            done.keep("contract")
        else:
            ids.append(each.id)
            # A referral is decided, and ended, in clearing.
            if each.stage in UNDECIDED and each.source is not ApplicationSource.CLEARING:
                await withdraw_application(session, each.id, caller=BY_THE_CASE, expected=None, now=now)
    return ids


async def _forget(
    session: AsyncSession,
    wanted: Sequence[tuple[Sequence[PersonalTable], Sequence[UUID]]],
    done: Done,
    *,
    now: datetime,
) -> None:
    for tables, ids in wanted:
        _add(done.changed, await erase_rows(session, tables, ids))
        for subject_id in ids:
            await revoke_links(session, subject_id, now=now)
            await end_link_sessions_of(session, subject_id)


async def _put_right(
    session: AsyncSession, case: DataSubjectCase, ids: Sequence[UUID], alerts: Sequence[UUID], done: Done
) -> None:
    """The name and the address that the person gave. Where another application has that address, it stays."""
    if case.right_email is not None:
        moved = [each for each in ids if await _move(session, each, person_key(case.right_email))]
        done.keep("another_application_has_the_address", len(ids) - len(moved))
        await _note(session, done, CONTACTS, "application_id", moved, {"email": case.right_email})
        if moved:
            done.changed["applications"] = len(moved)
            await _follow(session, case, person_key(case.right_email), done)
    if case.right_name is not None:
        await _note(session, done, CONTACTS, "application_id", ids, {"name": case.right_name})
    # A saved search is confirmed by its address: at another one it would be another's.
    done.keep("job_alerts_are_made_anew", len(alerts) if case.right_email is not None else 0)
    session.expunge_all()


async def _follow(session: AsyncSession, case: DataSubjectCase, key: str, done: Done) -> None:
    """What was decided of the person goes where nothing of theirs is left under the old address."""
    left_at = await session.scalars(select(Application.employer_id).where(under_address(case.person_key, None)))
    if followed := await follow_key(session, case.person_key, key, left_at=left_at.all()):
        done.changed[LINKS.name] = followed


async def _move(session: AsyncSession, application_id: UUID, key: str) -> bool:
    statement = update(APPLICATIONS).where(APPLICATIONS.c.id == application_id).values(person_key=key)
    try:
        async with session.begin_nested():
            await session.execute(statement)
    except IntegrityError as error:
        if is_breach_of(error, ONE_PER_PERSON):
            return False
        raise
    return True


async def _note(
    session: AsyncSession, done: Done, table: Table, column: str, ids: Sequence[UUID], values: dict[str, Any]
) -> None:
    if ids:
        count = await change_rows(session, update(table).where(table.c[column].in_(ids)).values(values))
        done.changed[table.name] = max(count, done.changed.get(table.name, 0))
