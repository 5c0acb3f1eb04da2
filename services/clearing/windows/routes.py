from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.clearing.audit.actors import Actor
from services.clearing.referrals.callers import Gaining
from services.clearing.windows import queries, reopening
from services.clearing.windows.callers import BoardReader, Reader
from services.clearing.windows.overview import read_board, read_clearing
from services.clearing.windows.queries import WindowFilter
from services.clearing.windows.schemas import Board, Reopening, VacancyClearing, WindowRead
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["windows"], route_class=IdempotentRoute)


@router.get(
    "/windows",
    summary="List clearing windows of one's own vacancies, newest first",
    response_model=Page[WindowRead],
    responses=problems(400),
)
async def list_windows(
    session: SessionDep, _: Reader, page: PageQuery, wanted: Annotated[WindowFilter, Query()]
) -> dict[str, object]:
    found, cursor = await queries.search_windows(session, wanted, page)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/vacancies/{vacancy_id}/clearing",
    summary="Read a vacancy's clearing: numbers before interest, names from it on",
    response_model=VacancyClearing,
    responses=problems(404),
)
async def get_vacancy_clearing(vacancy_id: UUID, session: SessionDep, caller: Reader, now: Now) -> VacancyClearing:
    return await read_clearing(session, vacancy_id, caller, now=now)


@router.post(
    "/vacancies/{vacancy_id}/reopen",
    summary="After a failed trial: open a fresh regional window, once, or let the vacancy go to its advert",
    response_model=VacancyClearing,
    responses=problems(404, 409),
)
async def reopen_vacancy(
    vacancy_id: UUID, wanted: Reopening, session: SessionDep, caller: Gaining, now: Now
) -> VacancyClearing:
    await reopening.reopen_vacancy(session, vacancy_id, wanted.into, by=Actor.of(caller), now=now)
    return await read_clearing(session, vacancy_id, caller, now=now)


@router.get(
    "/board",
    summary="How clearing stands, in numbers",
    response_model=Board,
    responses=problems(),
)
async def get_board(session: SessionDep, _: BoardReader) -> Board:
    return await read_board(session)
