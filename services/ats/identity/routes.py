"""Staff and API clients over HTTP: a council's administrator for its own employers, WME's for all.

These routes act in a region session, since an account is not one employer's: the commands ask who may do what. What
answers with a secret is never stored to be replayed by an `Idempotency-Key`.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select

from services.ats.identity import commands, invitations, queries
from services.ats.identity.commands import NewClient, NewStaff
from services.ats.identity.models import ApiClient
from services.ats.identity.schemas import (
    ApiClientCreate,
    ApiClientRead,
    ApiClientWithSecret,
    StaffCreate,
    StaffGrantsChange,
    StaffRead,
)
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal, allow_staff
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery, paginate
from shared.problems import problems
from shared.reference.employers import employer_id
from shared.registry import as_staff_member, staff
from shared.vocabulary import Role

router = APIRouter(prefix="/v1", tags=["identity"])
closing_router = APIRouter(prefix="/v1", tags=["identity"], route_class=IdempotentRoute)
Administrator = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]


@router.get(
    "/staff",
    summary="The staff of the employers that you administer",
    response_model=Page[StaffRead],
    responses=problems(400),
)
async def list_staff(session: SessionDep, page: PageQuery, caller: Administrator) -> Page[StaffRead]:
    query = select(staff.c.id)
    if not caller.is_region:
        query = query.where(staff.c.employer_ids.overlap(sorted(caller.employer_ids)))
    ids, next_cursor = await paginate(session, query, page, order=[staff.c.id])
    rows = await session.execute(select(staff).where(staff.c.id.in_(ids)).order_by(staff.c.id))
    people = [person for row in rows if (person := as_staff_member(row))]
    return Page(items=[StaffRead.of(person) for person in people], next_cursor=next_cursor)


@router.post(
    "/staff",
    summary="Make an account; its owner is mailed an invitation to choose a password",
    status_code=201,
    response_model=StaffRead,
    responses=problems(404, 409),
)
async def create_staff(body: StaffCreate, session: RegionSessionDep, now: Now, caller: Administrator) -> StaffRead:
    grants = tuple(given.as_grant() for given in body.grants)
    person = await commands.create_staff(session, NewStaff(body.name, body.email, grants), now=now, caller=caller)
    await invitations.invite_staff(session, person, now=now, caller=caller)
    return StaffRead.of(person)


@router.get("/staff/{staff_id}", summary="One member of staff", response_model=StaffRead, responses=problems(404))
async def read_staff(staff_id: UUID, session: RegionSessionDep, response: Response, caller: Administrator) -> StaffRead:
    person = await queries.get_visible_staff(session, staff_id, caller=caller)
    response.headers["ETag"] = etag_of(person.version)
    return StaffRead.of(person)


@router.post(
    "/staff/{staff_id}/invite",
    summary="Mail somebody a new invitation; older ones stop working",
    status_code=202,
    response_model=StaffRead,
    responses=problems(404, 409),
)
async def invite_staff(staff_id: UUID, session: RegionSessionDep, now: Now, caller: Administrator) -> StaffRead:
    person = await queries.get_visible_staff(session, staff_id, caller=caller)
    commands.check_whole_account(caller, person)
    await invitations.invite_staff(session, person, now=now, caller=caller)
    return StaffRead.of(person)


@router.put(
    "/staff/{staff_id}/grants",
    summary="Say what somebody may do at the employers that you administer",
    response_model=StaffRead,
    responses=problems(404, 412),
)
async def change_grants(
    staff_id: UUID,
    body: StaffGrantsChange,
    session: RegionSessionDep,
    now: Now,
    expected_version: IfMatch,
    caller: Administrator,
) -> StaffRead:
    given = tuple(each.as_grant() for each in body.grants)
    person = await commands.change_grants(
        session, staff_id, given, expected_version=expected_version, now=now, caller=caller
    )
    return StaffRead.of(person)


@closing_router.post(
    "/staff/{staff_id}/deactivate",
    summary="Close an account and end its sessions everywhere",
    response_model=StaffRead,
    responses=problems(404, 409, 412),
)
async def deactivate_staff(
    staff_id: UUID, session: RegionSessionDep, now: Now, expected_version: IfMatch, caller: Administrator
) -> StaffRead:
    person = await commands.deactivate_staff(
        session, staff_id, expected_version=expected_version, now=now, caller=caller
    )
    return StaffRead.of(person)


@router.get(
    "/api-clients",
    summary="The systems that may act for the employers that you administer",
    response_model=Page[ApiClientRead],
    responses=problems(400),
)
async def list_api_clients(session: SessionDep, page: PageQuery, caller: Administrator) -> dict[str, object]:
    clients, next_cursor = await paginate(session, queries.clients_of(caller), page, order=[ApiClient.id])
    return {"items": clients, "next_cursor": next_cursor}


@router.post(
    "/api-clients",
    summary="Give a system access; its secret is shown once",
    status_code=201,
    response_model=ApiClientWithSecret,
    responses=problems(404),
)
async def create_api_client(
    body: ApiClientCreate, session: RegionSessionDep, now: Now, caller: Administrator
) -> ApiClientWithSecret:
    employer_ids = tuple(employer_id(code) for code in body.employer_codes)
    new = NewClient(body.name, tuple(body.scopes), employer_ids, body.is_region, body.link_address)
    return ApiClientWithSecret.of(*await commands.create_api_client(session, new, now=now, caller=caller))


@router.post(
    "/api-clients/{client_id}/rotate-secret",
    summary="Replace a system's secret; the new one is shown once",
    response_model=ApiClientWithSecret,
    responses=problems(404, 409),
)
async def rotate_client_secret(
    client_id: UUID, session: RegionSessionDep, now: Now, caller: Administrator
) -> ApiClientWithSecret:
    return ApiClientWithSecret.of(*await commands.rotate_client_secret(session, client_id, now=now, caller=caller))


@closing_router.post(
    "/api-clients/{client_id}/revoke",
    summary="End a system's access to the employers that you administer",
    response_model=ApiClientRead,
    responses=problems(404),
)
async def revoke_api_client(client_id: UUID, session: RegionSessionDep, now: Now, caller: Administrator) -> ApiClient:
    return await commands.revoke_client(session, client_id, now=now, caller=caller)
