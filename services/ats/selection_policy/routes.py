"""How an employer chooses people, as it may decide."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.ats.audit.actor import Actor
from services.ats.establishment.commands import employer_of
from services.ats.selection_policy import commands, queries
from services.ats.selection_policy.schemas import PolicyRead, PolicyWrite
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.calendar import local_date
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["selection"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Administrator = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_ADMIN, scope=Scope.APPLICATIONS_WRITE))]
On = Annotated[date | None, Query(description="The policy of that day; today's when left out")]


@router.get(
    "/employers/{code}/selection-policy",
    summary="How an employer chooses people",
    response_model=PolicyRead,
    responses=problems(404),
)
async def read_selection_policy(code: str, session: SessionDep, caller: Reader, now: Now, on: On = None) -> PolicyRead:
    employer = await employer_of(session, code, caller)
    return await queries.read_policy(session, employer, on=on or local_date(now))


@router.put(
    "/employers/{code}/selection-policy",
    summary="Say how an employer chooses people, from a day on",
    response_model=PolicyRead,
    responses=problems(404),
)
async def set_selection_policy(
    code: str, wanted: PolicyWrite, session: SessionDep, caller: Administrator, now: Now
) -> PolicyRead:
    employer = await employer_of(session, code, caller)
    await commands.set_policy(session, employer, wanted, actor=Actor.of(caller), now=now)
    return await queries.read_policy(session, employer, on=wanted.valid_from)
