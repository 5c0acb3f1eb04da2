"""Due work of cases: services that have not answered are asked again, and exports that nobody fetched are deleted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import SYSTEM
from services.ats.audit.commands import Subject, write_audit
from services.ats.privacy import queries, rules
from services.ats.privacy.commands import ask_services
from services.ats.privacy.models import CasePart, DataExport, DataSubjectCase
from shared.due_rows import do_each, not_held_back

BATCH = 100


async def chase_answers(session: AsyncSession, now: datetime) -> int:
    """Due work: ask again where an answer is missing. Who has answered answers the same once more."""
    waiting = select(CasePart.case_id).where(CasePart.answered_at.is_(None), CasePart.ask_again_at <= now)
    due = select(DataSubjectCase.id).where(
        DataSubjectCase.id.in_(waiting),
        DataSubjectCase.closed_at.is_(None),
        not_held_back(chase_answers, DataSubjectCase.id),
    )
    ids = (await session.scalars(due.order_by(DataSubjectCase.id).limit(BATCH))).all()

    async def chase(case_id: UUID) -> None:
        case = await queries.get_case(session, case_id, lock=True)
        late = [each for each in await queries.parts_of(session, case_id) if each.answered_at is None]
        for part in late:
            part.asks += 1
            part.ask_again_at = rules.next_ask_at(part.asks, now)
            subject = Subject("data_subject_case", case.id, case.employer_id)
            reason = f"{part.service.value} has not answered"
            write_audit(session, "case_answer_chased", subject, actor=SYSTEM, at=now, reason=reason)
        if late:
            await ask_services(session, case, now=now)

    return await do_each(session, chase_answers, ids, chase)


async def delete_exports(session: AsyncSession, now: datetime) -> int:
    """Due work: an export that nobody fetched in time."""
    late = delete(DataExport).where(DataExport.expires_at <= now).returning(DataExport.case_id)
    await session.scalars(late)
    return 0
