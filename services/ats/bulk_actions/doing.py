"""Doing what batches ask for: due work, one application in a transaction, by the command that does it for one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.commands import record_interview
from services.ats.applications.permitted import MANAGERS
from services.ats.applications.schemas import Rejection
from services.ats.audit.actor import Actor
from services.ats.bulk_actions.models import ActionBatch, BatchItem
from services.ats.bulk_actions.queries import get_batch
from services.ats.bulk_actions.states import BulkAction, ItemState
from services.ats.interviews.bookings import invite_to_book
from services.ats.reserve_lists.commands import reserve_application
from services.ats.selection.commands import reject_application, shortlist_application
from shared.due_rows import do_each, not_held_back
from shared.errors import DomainError
from shared.principals import PersonMayNotDecide
from shared.problems import as_problem
from shared.registry import find_staff

AT_A_TIME = 1
"""The worker ends a transaction after each run of a due command: so each application has one of its own."""


async def do_batch_items(session: AsyncSession, now: datetime) -> int:
    """Due work: the next application that waits, the oldest batch first. After a crash it goes on where it was."""
    waiting = (
        select(BatchItem.id)
        .join(ActionBatch, ActionBatch.id == BatchItem.batch_id)
        .where(BatchItem.state == ItemState.WAITING, not_held_back(do_batch_items, BatchItem.id))
        .order_by(ActionBatch.asked_at, ActionBatch.id, BatchItem.position)
    )
    ids = (await session.scalars(waiting.limit(AT_A_TIME))).all()

    async def do_one(item_id: UUID) -> None:
        await _do(session, item_id, now=now)

    return await do_each(session, do_batch_items, ids, do_one)


async def _do(session: AsyncSession, item_id: UUID, *, now: datetime) -> None:
    item = await session.get_one(BatchItem, item_id, with_for_update=True, populate_existing=True)
    if item.state is not ItemState.WAITING:
        return
    batch = await get_batch(session, item.batch_id)
    problem = None
    try:
        async with session.begin_nested():
            await _step(session, batch, item.application_id, now=now)
    except DomainError as refused:
        problem = as_problem(refused)
    item = await session.get_one(BatchItem, item_id, populate_existing=True)
    item.state = ItemState.DONE if problem is None else ItemState.REFUSED
    item.problem, item.done_at = problem, now
    await session.flush()
    others = select(exists().where(BatchItem.batch_id == batch.id, BatchItem.state == ItemState.WAITING))
    if not await session.scalar(others):
        (await get_batch(session, item.batch_id)).finished_at = now


async def _step(session: AsyncSession, batch: ActionBatch, application_id: UUID, *, now: datetime) -> None:
    """Raises PersonMayNotDecide where the asker may not any more, and what the command raises."""
    person = await find_staff(session, batch.asked_by)
    if person is None or not any(person.may(role, batch.employer_id) for role in MANAGERS):
        raise PersonMayNotDecide
    actor = Actor.by_staff(batch.asked_by)
    match batch.action:
        case BulkAction.SHORTLIST:
            await shortlist_application(session, application_id, actor=actor, now=now)
        case BulkAction.REJECT:
            rejection = Rejection.model_validate(batch.terms["rejection"])
            await reject_application(session, application_id, rejection, actor=actor, now=now)
        case BulkAction.INVITE_TO_BOOK:
            await invite_to_book(session, application_id, UUID(batch.terms["round_id"]), actor=actor, now=now)
        case BulkAction.RECORD_INTERVIEW:
            await record_interview(session, application_id, actor=actor, now=now)
        case BulkAction.RESERVE:
            await reserve_application(session, application_id, actor=actor, now=now)
