from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.bulk_actions.models import ActionBatch, BatchItem
from services.ats.bulk_actions.schemas import BatchRead, BatchReport, ItemRead
from services.ats.bulk_actions.states import ItemState
from shared.errors import NotFound
from shared.problems import Problem

MOST_SHOWN = 50


class BatchNotFound(NotFound):
    code = "batch_not_found"
    title = "There is no such batch here for you"


async def get_batch(session: AsyncSession, batch_id: UUID) -> ActionBatch:
    """Raises BatchNotFound."""
    found = await session.get(ActionBatch, batch_id, populate_existing=True)
    if found is None:
        raise BatchNotFound
    return found


async def read_batch(session: AsyncSession, batch: ActionBatch) -> BatchReport:
    query = (
        select(BatchItem, Application.reference)
        .join(Application, Application.id == BatchItem.application_id)
        .where(BatchItem.batch_id == batch.id)
        .order_by(BatchItem.position)
        .execution_options(populate_existing=True)
    )
    rows = (await session.execute(query)).all()
    items = [
        ItemRead(
            application_id=item.application_id,
            reference=reference,
            state=item.state,
            problem=None if item.problem is None else Problem.model_validate(item.problem),
        )
        for item, reference in rows
    ]
    counts = {state: sum(each.state is state for each in items) for state in ItemState}
    return BatchReport(**_summary(batch, counts).model_dump(), items=items)


async def batches_of(session: AsyncSession, vacancy_id: UUID) -> Sequence[BatchRead]:
    """The newest first."""
    of_vacancy = select(ActionBatch).where(ActionBatch.vacancy_id == vacancy_id)
    found = await session.scalars(
        of_vacancy.order_by(ActionBatch.asked_at.desc(), ActionBatch.id)
        .limit(MOST_SHOWN)
        .execution_options(populate_existing=True)
    )
    batches = found.all()
    counted = select(BatchItem.batch_id, BatchItem.state, func.count()).where(
        BatchItem.batch_id.in_([each.id for each in batches])
    )
    counts: dict[UUID, dict[ItemState, int]] = {}
    for batch_id, state, count in await session.execute(counted.group_by(BatchItem.batch_id, BatchItem.state)):
        counts.setdefault(batch_id, {})[state] = count
    return [_summary(each, counts.get(each.id, {})) for each in batches]


def _summary(batch: ActionBatch, counts: dict[ItemState, int]) -> BatchRead:
    return BatchRead(
        id=batch.id,
        vacancy_id=batch.vacancy_id,
        action=batch.action,
        asked_by=batch.asked_by,
        asked_at=batch.asked_at,
        finished_at=batch.finished_at,
        total=sum(counts.values()),
        waiting=counts.get(ItemState.WAITING, 0),
        done=counts.get(ItemState.DONE, 0),
        refused=counts.get(ItemState.REFUSED, 0),
    )
