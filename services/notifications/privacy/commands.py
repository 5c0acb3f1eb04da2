from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.models import Delivery
from services.notifications.deliveries.recipients import recipient_id
from services.notifications.privacy.registry import TABLES
from shared.case_answers import Records, answer_case
from shared.events.privacy import CaseSubject, DataSubjectCaseOpened, NotificationsCaseAnswered
from shared.personal_data import Done, count_rows, erase_rows, records_of


async def answer(session: AsyncSession, asked: DataSubjectCaseOpened, subject: CaseSubject, *, now: datetime) -> None:
    """Show or erase what was said to this person, and tell ats. Asked again, nothing is done again.

    What was said to somebody is a record of what was said: a rectification changes none of it.
    """

    async def act() -> tuple[Done, Records]:
        found = await _deliveries(session, asked, subject)
        ids = [each.id for each in found]
        done = Done(held=await count_rows(session, TABLES, ids))
        if asked.case_kind == "access":
            return done, await records_of(session, TABLES, ids)
        if asked.case_kind == "rectification":
            done.keep("as_it_was_said", len(ids))
        else:
            done.changed = await erase_rows(session, TABLES, _erasable(found, asked, done))
        return done, {}

    await answer_case(session, asked, NotificationsCaseAnswered, act, now=now)


async def _deliveries(
    session: AsyncSession, asked: DataSubjectCaseOpened, subject: CaseSubject
) -> list[Row[UUID, list[UUID], datetime | None]]:
    query = select(Delivery.id, Delivery.employer_ids, Delivery.ended_at).where(
        Delivery.recipient_id == recipient_id(subject.email)
    )
    if asked.employer_id is not None:
        query = query.where(Delivery.employer_ids.contains([asked.employer_id]))
    return list((await session.execute(query.order_by(Delivery.id).with_for_update())).all())


def _erasable(
    found: list[Row[UUID, list[UUID], datetime | None]], asked: DataSubjectCaseOpened, done: Done
) -> list[UUID]:
    """What is on its way is wiped when its retention ends; what a court may ask for stays."""
    ids = []
    for each in found:
        if set(each.employer_ids) & set(asked.held_for):
            done.keep("legal_hold")
        elif each.ended_at is None:
            done.keep("being_sent")
        else:
            ids.append(each.id)
    return ids
