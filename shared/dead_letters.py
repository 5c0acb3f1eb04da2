"""Letters that a subscriber refused for good: visible, and sent again once the fault is mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import Row, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.app import SessionDep
from shared.auth import allow_staff
from shared.errors import DomainError, NotFound
from shared.idempotency import IdempotentRoute
from shared.outbox import events, outbox
from shared.pagination import PageQuery, PageRequest
from shared.principals import Principal
from shared.problems import problems
from shared.vocabulary import Role, Service

Administrator = Annotated[Principal, Depends(allow_staff(Role.WME_ADMIN))]


class DeadLetterRead(BaseModel):
    event_id: UUID
    subscriber: Service
    name: str = Field(examples=["ats.vacancy_changed.v1"])
    aggregate: str
    aggregate_id: UUID
    dead_at: datetime
    reason: str = Field(description="The kind of error at the fifth start, without its words")
    redrives: int = Field(description="How often it was sent again by hand")
    recorded_at: datetime


class DeadLetterPage(BaseModel):
    items: list[DeadLetterRead]
    next_cursor: str | None = None


class DeadLetterNotFound(NotFound):
    code: ClassVar[str] = "dead_letter_not_found"
    title: ClassVar[str] = "There is no such letter"


class LetterNotDead(DomainError):
    code: ClassVar[str] = "letter_not_dead"
    title: ClassVar[str] = "This letter is not dead: it was answered, or is being sent"


async def list_dead(session: AsyncSession, page: PageRequest) -> tuple[list[DeadLetterRead], str | None]:
    """Oldest first."""
    keys = (outbox.c.dead_at, outbox.c.event_id, outbox.c.subscriber)
    query = (
        select(outbox, events.c.name, events.c.aggregate, events.c.aggregate_id, events.c.recorded_at)
        .join(events)
        .where(outbox.c.dead_at.is_not(None))
        .order_by(*keys)
        .limit(page.limit + 1)
    )
    if after := page.read():
        bounds = [literal(value, key.type) for value, key in zip(after, keys, strict=True)]
        query = query.where(func.row(*keys) > func.row(*bounds))
    found: Sequence[Row[Any]] = (await session.execute(query)).all()
    shown = found[: page.limit]
    more = len(found) > page.limit
    cursor = page.write([shown[-1].dead_at, shown[-1].event_id, shown[-1].subscriber]) if more else None
    return [_read(row) for row in shown], cursor


async def redrive(session: AsyncSession, event_id: UUID, subscriber: Service) -> DeadLetterRead:
    """Send a dead letter again, with five new starts. Raises DeadLetterNotFound, LetterNotDead."""
    chosen = (outbox.c.event_id == event_id) & (outbox.c.subscriber == subscriber)
    query = (
        select(outbox, events.c.name, events.c.aggregate, events.c.aggregate_id, events.c.recorded_at)
        .join(events)
        .where(chosen)
        .with_for_update(of=outbox)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise DeadLetterNotFound
    if row.dead_at is None:
        raise LetterNotDead
    await session.execute(
        update(outbox)
        .where(chosen)
        .values(dead_at=None, dead_reason=None, redrives=row.redrives + 1, attempts=0, next_at=func.clock_timestamp())
    )
    return _read(row).model_copy(update={"redrives": row.redrives + 1})


def dead_letters_router() -> APIRouter:
    """`/v1/dead-letters` of one service, for WME's administrators."""
    router = APIRouter(prefix="/v1/dead-letters", tags=["events"], route_class=IdempotentRoute)

    @router.get("", summary="List letters that a subscriber refused for good", responses=problems(400))
    async def list_dead_letters(session: SessionDep, _caller: Administrator, page: PageQuery) -> DeadLetterPage:
        items, next_cursor = await list_dead(session, page)
        return DeadLetterPage(items=items, next_cursor=next_cursor)

    @router.post(
        "/{event_id}/{subscriber}/redrive",
        status_code=202,
        summary="Send a dead letter again, with five new starts",
        responses=problems(404, 409),
    )
    async def redrive_dead_letter(
        event_id: UUID,
        subscriber: Service,
        session: SessionDep,
        _caller: Administrator,
    ) -> DeadLetterRead:
        return await redrive(session, event_id, subscriber)

    return router


def _read(row: Row[Any]) -> DeadLetterRead:
    return DeadLetterRead(
        event_id=row.event_id,
        subscriber=Service(row.subscriber),
        name=row.name,
        aggregate=row.aggregate,
        aggregate_id=row.aggregate_id,
        dead_at=row.dead_at,
        reason=row.dead_reason,
        redrives=row.redrives,
        recorded_at=row.recorded_at,
    )
