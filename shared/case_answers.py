"""What a service answered to a data subject's case: once, whatever is asked again. Counts, and nothing personal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Table, Uuid, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared import outbox
from shared.events.privacy import CaseRecords, ClearingCaseAnswered, DataSubjectCaseOpened, NotificationsCaseAnswered
from shared.orm import MECHANISM
from shared.personal_data import Done
from shared.vocabulary import Service

case_answers = Table(
    "case_answers",
    MECHANISM,
    Column("case_id", Uuid, primary_key=True),
    Column("held", JSONB, nullable=False),
    Column("changed", JSONB, nullable=False),
    Column("kept", JSONB, nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False),
)

Records = dict[str, list[dict[str, Any]]]
Answered = type[ClearingCaseAnswered] | type[NotificationsCaseAnswered]
Act = Callable[[], Awaitable[tuple[Done, Records]]]
"""Does what the case asks of a service. Records are given where the case is one of access."""


async def answer_case(
    session: AsyncSession, asked: DataSubjectCaseOpened, kind: Answered, act: Act, *, now: datetime
) -> None:
    """Do it and tell ats. Asked again, nothing is done again: the first answer is told once more.

    What is held is looked up anew for a case of access, since it is stored nowhere here.
    """
    known = (await session.execute(select(case_answers).where(case_answers.c.case_id == asked.case_id))).one_or_none()
    records: Records = {}
    if known is None or asked.case_kind == "access":
        done, records = await act()
        answered_at = now
    if known is not None:
        done, answered_at = Done(known.held, known.changed, known.kept), known.answered_at
    else:
        values = {"held": done.held, "changed": done.changed, "kept": done.kept}
        await session.execute(insert(case_answers).values(case_id=asked.case_id, answered_at=answered_at, **values))
    told = kind(
        case_id=asked.case_id,
        employer_id=asked.employer_id,
        held=done.held,
        changed=done.changed,
        kept=done.kept,
        answered_at=answered_at,
    )
    await outbox.record(session, told, now=now, sealed={Service.ATS: CaseRecords(records=records)})
