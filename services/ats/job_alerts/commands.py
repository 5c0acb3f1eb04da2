"""A search is saved, confirmed, changed and ended by the person whose it is."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.job_alerts import queries, rules
from services.ats.job_alerts.models import AlertState, Frequency, JobAlert
from services.ats.job_alerts.schemas import JobAlertCreate
from services.ats.job_alerts.telling import LINK_PURPOSE, send_links, usual_link
from services.ats.jobs.schemas import JobCriteria
from services.ats.jobs.search import reach_of, refuse_unknown_employers
from shared.links import revoke_links
from shared.sealing import person_key


async def refuse_impossible(session: AsyncSession, search: JobCriteria) -> None:
    """A search that can never find anything is refused while somebody is there to put it right.

    Raises PlaceUnknown, EmployerNotListed.
    """
    reach_of(search)
    await refuse_unknown_employers(session, search, field="search.employer")


async def save_search(session: AsyncSession, wanted: JobAlertCreate, *, now: datetime) -> None:
    """Save it unconfirmed and mail a link, or mail the link again where the same is saved already.

    Says nothing of either. Nothing happens where an address has too many that wait, or was written to today.
    """
    person = person_key(wanted.email)
    search = rules.canonical(wanted.search)
    saved = await queries.alerts_of_person(session, person)
    same = next((each for each in saved if each.search_key == rules.search_key(search)), None)
    if same is not None:
        if same.link_sent_at <= now - rules.LINK_AGAIN_AFTER:
            await send_links(session, [(same, usual_link(same))], now=now)
        return
    waiting = sum(each.state is AlertState.UNCONFIRMED for each in saved)
    if waiting >= rules.MOST_UNCONFIRMED or len(saved) >= rules.MOST_OF_ONE_PERSON:
        return
    alert = JobAlert(
        email=wanted.email,
        person_key=person,
        search=search,
        search_key=rules.search_key(search),
        frequency=wanted.frequency,
        created_at=now,
        touched_at=now,
        link_sent_at=now,
    )
    if await _save_once(session, alert):
        await send_links(session, [(alert, "confirm")], now=now)


async def _save_once(session: AsyncSession, alert: JobAlert) -> bool:
    """False where a request at the same time has saved the same."""
    table = cast("Table", JobAlert.__table__)
    row = {column.name: getattr(alert, column.name) for column in table.columns}
    return await session.scalar(insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)) is not None


async def send_links_again(session: AsyncSession, email: str, *, now: datetime) -> None:
    """Mail a link to each search that is saved for this address."""
    alerts = await queries.alerts_of_person(session, person_key(email))
    await send_links(session, [(each, usual_link(each)) for each in alerts], now=now)


async def confirm_alert(session: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    """Raises JobAlertNotFound."""
    rules.confirm(await queries.get_alert(session, alert_id, lock=True), now)


async def change_frequency(session: AsyncSession, alert_id: UUID, frequency: Frequency, *, now: datetime) -> None:
    """Raises JobAlertNotFound, AlertNotConfirmed."""
    rules.change_frequency(await queries.get_alert(session, alert_id, lock=True), frequency, now)


async def pause_alert(session: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    """Raises JobAlertNotFound, AlertNotConfirmed."""
    rules.pause(await queries.get_alert(session, alert_id, lock=True), now)


async def resume_alert(session: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    """Raises JobAlertNotFound, AlertNotConfirmed."""
    rules.resume(await queries.get_alert(session, alert_id, lock=True), now)


async def keep_alert(session: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    """Raises JobAlertNotFound."""
    rules.touch(await queries.get_alert(session, alert_id, lock=True), now)


async def end_alert(session: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    """Delete it with the address. Harmless when it is gone already."""
    await session.execute(delete(JobAlert).where(JobAlert.id == alert_id))
    await revoke_links(session, alert_id, now=now, purpose=LINK_PURPOSE)
