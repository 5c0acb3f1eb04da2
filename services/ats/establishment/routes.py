"""What a council says of its establishment and its freezes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.ats.audit.actor import Actor
from services.ats.establishment import commands, queries
from services.ats.establishment.models import RecruitmentFreeze
from services.ats.establishment.schemas import (
    EstablishmentRead,
    EstablishmentWrite,
    FreezeLift,
    FreezeRead,
    FreezeWrite,
)
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["establishment"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Writer = Annotated[Principal, Depends(allow(Scope.VACANCIES_WRITE))]
Administrator = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_ADMIN, scope=Scope.VACANCIES_WRITE))]


@router.get(
    "/employers/{code}/establishment",
    summary="Posts of an employer by job family",
    response_model=EstablishmentRead,
    responses=problems(404),
)
async def read_establishment(code: str, session: SessionDep, caller: Reader) -> EstablishmentRead:
    return await queries.get_establishment(session, await commands.employer_of(session, code, caller))


@router.put(
    "/employers/{code}/establishment",
    summary="Replace the figures of an employer's posts",
    response_model=EstablishmentRead,
    responses=problems(404),
)
async def replace_establishment(
    code: str, wanted: EstablishmentWrite, session: SessionDep, caller: Writer, now: Now
) -> EstablishmentRead:
    employer = await commands.employer_of(session, code, caller)
    await commands.replace_establishment(session, employer, wanted, actor=Actor.of(caller), now=now)
    return await queries.get_establishment(session, employer)


@router.get(
    "/employers/{code}/freezes",
    summary="Recruitment freezes of an employer, newest first",
    response_model=list[FreezeRead],
    responses=problems(404),
)
async def list_freezes(code: str, session: SessionDep, caller: Reader) -> Sequence[RecruitmentFreeze]:
    return await queries.list_freezes(session, (await commands.employer_of(session, code, caller)).id)


@router.post(
    "/employers/{code}/freezes",
    summary="Freeze recruitment but for named grounds",
    status_code=201,
    response_model=FreezeRead,
    responses=problems(404),
)
async def freeze_recruitment(
    code: str, wanted: FreezeWrite, session: SessionDep, caller: Administrator, now: Now
) -> RecruitmentFreeze:
    employer = await commands.employer_of(session, code, caller)
    return await commands.freeze_recruitment(session, employer, wanted, actor=Actor.of(caller), now=now)


@router.post(
    "/freezes/{freeze_id}/lift",
    summary="Lift a freeze before its end",
    response_model=FreezeRead,
    responses=problems(404, 409),
)
async def lift_freeze(
    freeze_id: UUID, why: FreezeLift, session: SessionDep, caller: Administrator, now: Now
) -> RecruitmentFreeze:
    return await commands.lift_freeze(session, freeze_id, reason=why.reason, actor=Actor.of(caller), now=now)
