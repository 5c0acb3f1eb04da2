"""The registry of employers over HTTP. Reading it is public."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.ats.employers import commands
from services.ats.employers.schemas import EmployerClose, EmployerList, EmployerRead
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_anyone, allow_staff
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.registry import Employer, get_employer_by_code, list_employers
from shared.vocabulary import Role

router = APIRouter(prefix="/v1/employers", tags=["employers"], route_class=IdempotentRoute)


@router.get(
    "",
    summary="Every employer of the region",
    response_model=EmployerList,
    dependencies=[allow_anyone()],
)
async def read_employers(session: SessionDep) -> dict[str, object]:
    return {"items": await list_employers(session)}


@router.get(
    "/{code}",
    summary="One employer by its code",
    response_model=EmployerRead,
    responses=problems(404),
    dependencies=[allow_anyone()],
)
async def read_employer(code: str, session: SessionDep, response: Response) -> Employer:
    employer = await get_employer_by_code(session, code)
    response.headers["ETag"] = etag_of(employer.version)
    return employer


@router.post(
    "/{code}/close",
    summary="Say when an employer ends and who takes its place",
    response_model=EmployerRead,
    responses=problems(404, 412),
)
async def close_employer(
    code: str,
    body: EmployerClose,
    session: SessionDep,
    now: Now,
    expected_version: IfMatch,
    _: Annotated[Principal, Depends(allow_staff(Role.WME_ADMIN))],
) -> Employer:
    return await commands.close_employer(session, code, body, expected_version=expected_version, now=now)
