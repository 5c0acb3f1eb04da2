from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.clearing.audit.actors import Actor
from services.clearing.matching import commands, duties, queries
from services.clearing.matching.models import Duty
from services.clearing.matching.queries import MatchFilter
from services.clearing.matching.schemas import DutyEnding, DutyRead, MatchRead, MatchSummary, read_match
from services.clearing.registrations.callers import Hr, Person, Reader, ReaderOrPerson
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["matches"], route_class=IdempotentRoute)


@router.get(
    "/matches",
    summary="List the matches of one's own council's people, newest first",
    response_model=Page[MatchSummary],
    responses=problems(400),
)
async def list_matches(
    session: SessionDep, _: Reader, page: PageQuery, wanted: Annotated[MatchFilter, Query()]
) -> dict[str, object]:
    found, cursor = await queries.search_matches(session, wanted, page)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/matches/{match_id}",
    summary="Read a match with its explanation: the home council, or the person it is about",
    response_model=MatchRead,
    responses=problems(404),
)
async def get_match(match_id: UUID, session: SessionDep, _: ReaderOrPerson, now: Now) -> MatchRead:
    return read_match(await queries.get_match(session, match_id), now)


@router.get(
    "/me/matches",
    summary="List my matches, newest first",
    response_model=Page[MatchSummary],
    responses=problems(400),
)
async def list_my_matches(session: SessionDep, caller: Person, page: PageQuery) -> dict[str, object]:
    mine = MatchFilter(registration_id=caller.subject_id)
    found, cursor = await queries.search_matches(session, mine, page)
    return {"items": found, "next_cursor": cursor}


@router.post(
    "/me/matches/{match_id}/decline",
    summary="Say no to a suggestion: it never has consequences",
    response_model=MatchRead,
    responses=problems(404, 409),
)
async def decline_match(match_id: UUID, session: SessionDep, caller: Person, now: Now) -> MatchRead:
    await commands.decline_match(session, match_id, by=Actor.of(caller), now=now)
    return read_match(await queries.get_match(session, match_id), now)


@router.get(
    "/duties",
    summary="List statutory offer duties, newest first",
    response_model=Page[DutyRead],
    responses=problems(400),
)
async def list_duties(
    session: SessionDep, _: Reader, page: PageQuery, only_open: Annotated[bool, Query()] = True
) -> dict[str, object]:
    found, cursor = await queries.search_duties(session, page, only_open=only_open)
    return {"items": found, "next_cursor": cursor}


@router.post(
    "/duties/{duty_id}/outcome",
    summary="Record how a statutory offer duty came to its end; the vacancy stays closed until then",
    response_model=DutyRead,
    responses=problems(404, 409),
)
async def end_duty(duty_id: UUID, ending: DutyEnding, session: SessionDep, caller: Hr, now: Now) -> Duty:
    return await duties.end_duty(session, duty_id, ending.outcome, ending.reason, by=Actor.of(caller), now=now)
