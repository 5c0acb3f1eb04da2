"""Keeping a copy of the list of vacancies: every change once, in the order in which changes became visible.

A timestamp is not enough: what a slow transaction commits late has an early one. As the event log is, the list is
read by transaction id, and only up to the oldest transaction that is still running.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, Uuid, cast, false, func, literal, select, true, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.ats.vacancies.filters import VacancyFilter
from services.ats.vacancies.models import Vacancy, VacancyTombstone
from services.ats.vacancies.schemas import VacancyRead
from services.ats.vacancies.tombstones import TombstoneRead
from shared.event_log import cluster_of
from shared.outbox import TransactionId
from shared.pagination import MalformedCursor, Page, PageRequest
from shared.registry import get_employer_by_code

Position = tuple[str, UUID]
"""Transaction id and vacancy id."""

TOKEN = "updated_since"  # noqa: S105 - the name of a query parameter
LOWEST = UUID(int=0)
FIRST: Position = ("0", LOWEST)


class VacancyPage(Page[VacancyRead]):
    deleted: list[TombstoneRead] = Field(
        default_factory=list, description="With `updated_since`: drafts that were deleted. Remove your copies"
    )
    sync_token: str | None = Field(
        default=None,
        description="With `updated_since`, on the last page: pass it as `updated_since` next time, after a minute or a"
        " month. Nothing is left out and nothing comes twice",
    )


async def follow(
    session: AsyncSession, wanted: VacancyFilter, page: PageRequest
) -> tuple[Sequence[Vacancy], VacancyPage]:
    """One page of what changed since the instant or the token in `wanted`, and the page to put it in.

    Raises MalformedCursor, EmployerUnknown.
    """
    cluster = await cluster_of(session)
    values = page.read()
    if values is None and isinstance(wanted.updated_since, str):
        values = page.read_token(TOKEN, wanted.updated_since)
    after = _position(values, cluster)
    since = wanted.updated_since if isinstance(wanted.updated_since, datetime) else None
    horizon = str(await session.scalar(select(func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId))))
    employer_id = None if wanted.employer is None else (await get_employer_by_code(session, wanted.employer)).id
    both = [
        _changed(kind, wanted, since, employer_id, after=after, horizon=horizon).limit(page.limit + 1)
        for kind in (Vacancy, VacancyTombstone)
    ]
    merged = union_all(*(each.subquery().select() for each in both)).subquery()
    found = (await session.execute(select(merged).order_by(merged.c.xact_id, merged.c.id).limit(page.limit + 1))).all()
    rows = found[: page.limit]
    shown = await _load(session, [row.id for row in rows if not row.is_deleted])
    gone = await _tombstones(session, [row.id for row in rows if row.is_deleted])
    answer = VacancyPage(items=[], deleted=gone)
    if len(found) > page.limit:
        answer.next_cursor = page.write([cluster, rows[-1].xact_id, rows[-1].id])
    else:
        # Everything before the horizon is read: nothing with a smaller transaction id can appear any more.
        reached = max(after, (horizon, LOWEST), key=lambda position: (int(position[0]), position[1]))
        answer.sync_token = page.write_token(TOKEN, [cluster, *reached])
    return shown, answer


def _changed(
    kind: type[Vacancy | VacancyTombstone],
    wanted: VacancyFilter,
    since: datetime | None,
    employer_id: UUID | None,
    *,
    after: Position,
    horizon: str,
) -> Select[str, UUID, bool]:
    is_deleted = kind is VacancyTombstone
    conditions: list[ColumnElement[bool]] = [
        tuple_(kind.xact_id, kind.id) > tuple_(cast(after[0], TransactionId), literal(after[1], Uuid)),
        kind.xact_id < cast(horizon, TransactionId),
    ]
    if employer_id is not None:
        conditions.append(kind.employer_id == employer_id)
    if wanted.external_reference is not None:
        conditions.append(kind.external_reference == wanted.external_reference)
    if since is not None:
        conditions.append((VacancyTombstone.deleted_at if is_deleted else Vacancy.updated_at) >= since)
    marked = (true() if is_deleted else false()).label("is_deleted")
    return select(kind.xact_id, kind.id, marked).where(*conditions).order_by(kind.xact_id, kind.id)


async def _load(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Vacancy]:
    """In the order of `ids`. One that was deleted this instant is told of next time."""
    query = select(Vacancy).where(Vacancy.id.in_(ids)).options(selectinload(Vacancy.openings))
    found = {each.id: each for each in await session.scalars(query)} if ids else {}
    return [found[each] for each in ids if each in found]


async def _tombstones(session: AsyncSession, ids: Sequence[UUID]) -> list[TombstoneRead]:
    found = (await session.scalars(select(VacancyTombstone).where(VacancyTombstone.id.in_(ids)))).all() if ids else []
    by_id = {each.id: TombstoneRead.model_validate(each) for each in found}
    return [by_id[each] for each in ids]


def _position(values: list[Any] | None, cluster: str) -> Position:
    """A token from before the database was restored into another cluster starts over: twice is better than never."""
    match values:
        case None:
            return FIRST
        case [str() as told_by, str() as xact_id, UUID() as vacancy_id] if xact_id.isdecimal():
            return (xact_id, vacancy_id) if told_by == cluster else FIRST
        case _:
            raise MalformedCursor
