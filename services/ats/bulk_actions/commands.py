"""A batch is stored as it was asked; the worker does it, so that nobody waits and no crash loses the rest."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import ApplicationNotFound
from services.ats.applications.rules import refuse_elsewhere
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.bulk_actions.models import ActionBatch, BatchItem
from services.ats.bulk_actions.queries import get_batch
from services.ats.bulk_actions.schemas import BatchCreate
from services.ats.bulk_actions.states import ItemState
from services.ats.interviews.queries import RoundNotFound, get_round
from services.ats.panels.queries import known_applications
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy
from shared.errors import DomainError
from shared.many_rows import insert_rows
from shared.orm import table_of
from shared.principals import PersonMayNotDecide, Principal

ITEMS = table_of(BatchItem)


class BatchIdTaken(DomainError):
    code = "batch_id_taken"
    title = "Something else was asked under this id already"


async def begin_batch(
    session: AsyncSession, vacancy_id: UUID, wanted: BatchCreate, *, caller: Principal, now: datetime
) -> ActionBatch:
    """The one that is there already, where the same was asked under the same id before.

    Raises VacancyNotFound, ManagedElsewhere, ApplicationNotFound, RoundNotFound, BatchIdTaken.
    """
    vacancy = await get_vacancy(session, vacancy_id)
    refuse_elsewhere(vacancy)
    await _refuse_strangers(session, vacancy, wanted)
    if caller.staff_id is None:
        raise PersonMayNotDecide
    asked = wanted.model_dump_json(exclude={"id"})
    values = {
        "id": wanted.id or uuid4(),
        "employer_id": vacancy.employer_id,
        "vacancy_id": vacancy.id,
        "action": wanted.action,
        "terms": wanted.model_dump(mode="json", include={"rejection", "round_id"}),
        "digest": hashlib.sha256(f"{vacancy.id} {asked}".encode()).digest(),
        "asked_by": caller.staff_id,
        "asked_at": now,
    }
    # Of two who ask under one id at once, the second waits here for the first.
    made = insert(ActionBatch).values(values).on_conflict_do_nothing().returning(ActionBatch.id)
    if await session.scalar(made) is None:
        return await _asked_before(session, values["id"], values["digest"])
    await _store_items(session, vacancy, values["id"], wanted)
    subject = Subject("vacancy", vacancy.id, vacancy.employer_id)
    reason = f"{wanted.action}: {len(wanted.application_ids)}"
    write_audit(session, "bulk_action_asked", subject, actor=Actor.of(caller), at=now, reason=reason)
    return await get_batch(session, values["id"])


async def _store_items(session: AsyncSession, vacancy: Vacancy, batch_id: UUID, wanted: BatchCreate) -> None:
    """In the order in which they were named."""
    rows = [
        {
            "id": uuid4(),
            "employer_id": vacancy.employer_id,
            "batch_id": batch_id,
            "application_id": each,
            "position": position,
            "state": ItemState.WAITING,
        }
        for position, each in enumerate(wanted.application_ids, start=1)
    ]
    await insert_rows(session, ITEMS, rows)


async def _asked_before(session: AsyncSession, batch_id: UUID, digest: bytes) -> ActionBatch:
    """Raises BatchIdTaken, for another employer's id too."""
    found = await session.get(ActionBatch, batch_id)
    if found is None or found.digest != digest:
        raise BatchIdTaken(field="id", next_step="Make up another one: any new UUID.")
    return found


async def _refuse_strangers(session: AsyncSession, vacancy: Vacancy, wanted: BatchCreate) -> None:
    """Every application and the round are this vacancy's. Raises ApplicationNotFound, RoundNotFound."""
    known = await known_applications(session, vacancy.id, wanted.application_ids)
    for place, each in enumerate(wanted.application_ids):
        if each not in known:
            raise ApplicationNotFound(field=f"application_ids.{place}")
    if wanted.round_id is not None and (await get_round(session, wanted.round_id)).vacancy_id != vacancy.id:
        raise RoundNotFound(field="round_id")
