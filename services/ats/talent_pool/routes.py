from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.ats.applications.routes import Manager, Reader
from services.ats.audit.actor import Actor
from services.ats.talent_pool import commands, queries
from services.ats.talent_pool.schemas import (
    OwnMembership,
    PoolFilter,
    PoolInvite,
    PoolInvited,
    PoolJoin,
    PoolMemberRead,
)
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_link
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["talent pool"], route_class=IdempotentRoute)
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
OWN = "/my/talent-pool"


@router.get(
    "/talent-pool",
    summary="Search who agreed to be invited, by the job that they applied for last",
    description="Your own candidates, and those of others who agreed to be found by the whole region. Nobody is named.",
    response_model=Page[PoolMemberRead],
    responses=problems(400),
)
async def search_talent_pool(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[PoolFilter, Query()]
) -> Page[PoolMemberRead]:
    found, cursor = await queries.search_pool(session, wanted, page)
    own = None if caller.is_region else caller.employer_ids
    return Page[PoolMemberRead](items=[queries.present_member(each, own) for each in found], next_cursor=cursor)


@router.post(
    "/vacancies/{vacancy_id}/invite-from-pool",
    summary="Invite people of the talent pool to apply for a live advert",
    description="Each is invited once. Who has applied is left out, and nobody learns who that was.",
    status_code=202,
    response_model=PoolInvited,
    responses=problems(404, 409),
)
async def invite_from_pool(
    vacancy_id: UUID, wanted: PoolInvite, session: SessionDep, caller: Manager, now: Now
) -> PoolInvited:
    await commands.invite_from_pool(session, vacancy_id, wanted.member_ids, actor=Actor.of(caller), now=now)
    return PoolInvited()


@router.get(OWN, summary="Whether one is in the talent pool", response_model=OwnMembership, responses=problems(404))
async def read_own_membership(session: SessionDep, caller: Candidate) -> OwnMembership:
    return await commands.own_membership(session, caller)


@router.put(
    OWN,
    summary="Join the talent pool, or change who may find one in it",
    response_model=OwnMembership,
    responses=problems(404),
)
async def join_talent_pool(wanted: PoolJoin, session: SessionDep, caller: Candidate, now: Now) -> OwnMembership:
    await commands.join(session, caller, wanted.reach, consent_version=wanted.consent_version, now=now)
    return await commands.own_membership(session, caller)


@router.post(
    f"{OWN}/keep",
    summary="Stay in the talent pool for another year",
    response_model=OwnMembership,
    responses=problems(404),
)
async def stay_in_talent_pool(session: SessionDep, caller: Candidate, now: Now) -> OwnMembership:
    await commands.keep(session, caller, now=now)
    return await commands.own_membership(session, caller)


@router.delete(
    OWN,
    summary="Leave the talent pool: nothing of it is kept",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
async def leave_talent_pool(session: SessionDep, caller: Candidate, now: Now) -> None:
    await commands.leave(session, caller, now=now)
