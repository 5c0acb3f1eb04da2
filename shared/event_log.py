"""What a service said, in order: a council's system that was down, or a copy to be rebuilt, reads it from here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping, Uuid, cast, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shared.app import SessionDep
from shared.auth import allow
from shared.outbox import TransactionId, events
from shared.pagination import MalformedCursor, PageQuery
from shared.principals import Principal
from shared.problems import problems
from shared.tenancy import Tenancy
from shared.vocabulary import Scope

Position = tuple[str, int]
"""Transaction id and sequence number: the order in which events became visible to everyone."""

FIRST: Position = ("0", 0)
CLUSTER = text("SELECT system_identifier FROM pg_control_system()")


class EventRead(BaseModel):
    """One fact. Nothing sealed is ever here; unknown members of `payload` are to be ignored."""

    id: UUID
    name: str = Field(examples=["ats.vacancy_published.v1"])
    kind: Literal["state", "fact"]
    aggregate: str = Field(examples=["vacancy"])
    aggregate_id: UUID
    aggregate_version: int | None = Field(description="Of a state event: ignore one older than what you hold")
    occurred_at: datetime
    recorded_at: datetime
    payload: dict[str, Any]


class EventPage(BaseModel):
    items: list[EventRead]
    next_cursor: str = Field(description="Keep it: it is where to go on, now or next week, also after an empty page")
    has_more: bool = Field(description="Whether there are more events already")


async def read_events(
    session: AsyncSession, tenancy: Tenancy, *, after: Position, limit: int, name: str | None = None
) -> tuple[Sequence[RowMapping], Position, bool]:
    """Events after a position, where to go on, and whether there are more.

    Only transactions older than every running one are read: what a slow transaction commits later sorts after this
    page and is never skipped. An empty page moves on too, so that a reader of few events does not scan many.
    """
    snapshot = func.pg_current_snapshot()
    horizon = str(await session.scalar(select(func.pg_snapshot_xmin(snapshot, type_=TransactionId))))
    position = tuple_(events.c.xact_id, events.c.seq)
    visible = [
        position > tuple_(cast(after[0], TransactionId), literal(after[1])),
        events.c.xact_id < cast(horizon, TransactionId),
    ]
    if not tenancy.is_region:
        visible.append(events.c.readers.overlap(literal(sorted(tenancy.employer_ids), ARRAY(Uuid))))
    if name is not None:
        visible.append(events.c.name == name)
    query = select(events).where(*visible).order_by(events.c.xact_id, events.c.seq).limit(limit + 1)
    found = (await session.execute(query)).mappings().all()
    has_more = len(found) > limit
    rows = found[:limit]
    if has_more:
        return rows, (str(rows[-1]["xact_id"]), rows[-1]["seq"]), True
    # Everything before the horizon is read: nothing with a smaller transaction id can appear any more.
    return rows, max(after, (horizon, 0), key=lambda position: (int(position[0]), position[1])), False


async def cluster_of(session: AsyncSession) -> str:
    """Which database cluster gives out the transaction ids: a restored log has positions of another one."""
    return str(await session.scalar(CLUSTER))


def event_log_router(scope: Scope) -> APIRouter:
    """`GET /v1/events` of one service, for callers with `scope`."""
    router = APIRouter(prefix="/v1/events", tags=["events"])

    @router.get("", summary="Read what happened, in order, from a cursor on", responses=problems(400))
    async def list_events(
        session: SessionDep,
        caller: Annotated[Principal, Depends(allow(scope))],
        page: PageQuery,
        response: Response,
        name: Annotated[str | None, Query(max_length=100, description="Only events of this name")] = None,
    ) -> EventPage:
        cluster = await cluster_of(session)
        after = _position(page.read(), cluster)
        rows, reached, has_more = await read_events(session, caller.tenancy, after=after, limit=page.limit, name=name)
        next_cursor = page.write([cluster, *reached])
        if not has_more:
            # The cursor is for another day; a client that follows links would ask at once, for ever.
            del response.headers["Link"]
        return EventPage(
            items=[EventRead.model_validate(dict(row)) for row in rows],
            next_cursor=next_cursor,
            has_more=has_more,
        )

    return router


def _position(values: list[Any] | None, cluster: str) -> Position:
    """A cursor from before the log was restored into another cluster starts over: twice is better than never."""
    match values:
        case None:
            return FIRST
        case [str() as told_by, str() as xact_id, int() as seq] if xact_id.isdecimal():
            return (xact_id, seq) if told_by == cluster else FIRST
        case _:
            raise MalformedCursor
