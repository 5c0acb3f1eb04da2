from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import PersonalDataRead, Subject
from shared.many_rows import insert_rows
from shared.orm import table_of
from shared.principals import Principal

READS = table_of(PersonalDataRead)


class OfAPerson(Protocol):
    @property
    def id(self) -> Any: ...

    @property
    def home_employer_id(self) -> Any: ...


async def note_reads(
    session: AsyncSession, subject: Subject, shown: Sequence[OfAPerson], caller: Principal, *, now: datetime
) -> None:
    """Note that staff or a client were shown who these people are. Somebody's own link reads nobody else's."""
    if caller.subject_id is not None:
        return
    actor = Actor.of(caller)
    rows = [
        {
            "subject": subject,
            "subject_id": each.id,
            "home_employer_id": each.home_employer_id,
            "gaining_employer_id": _gaining_of(each),
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "read_at": now,
        }
        for each in shown
    ]
    await insert_rows(session, READS, rows)


def _gaining_of(row: OfAPerson) -> UUID | None:
    return getattr(row, "gaining_employer_id", None)
