"""For the intranets of the employers whose employees may see an internal advert."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.ats.internal_jobs import queries
from services.ats.internal_jobs.models import InternalJob
from services.ats.internal_jobs.schemas import InternalJobRead
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1/internal-jobs", tags=["internal jobs"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]


@router.get(
    "",
    summary="Internal adverts for the employees of your employers, newest first",
    response_model=Page[InternalJobRead],
    responses=problems(400),
)
async def list_internal_jobs(session: SessionDep, _caller: Reader, page: PageQuery, now: Now) -> Page[InternalJobRead]:
    found, cursor = await queries.list_internal_jobs(session, page, now=now)
    return Page[InternalJobRead](items=[InternalJobRead.model_validate(each) for each in found], next_cursor=cursor)


@router.get(
    "/{internal_job_id}", summary="Read an internal advert", response_model=InternalJobRead, responses=problems(404)
)
async def get_internal_job(internal_job_id: UUID, session: SessionDep, _caller: Reader, now: Now) -> InternalJob:
    return await queries.get_internal_job(session, internal_job_id, now=now)
