from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel

from services.ats.jobs import queries
from services.ats.jobs.schemas import JobFilter, JobRead, JobSummary
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.etag import etag_of_body
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
IfNoneMatch = Annotated[str | None, Header(description="The ETag last read: 304 when nothing changed")]
NOT_MODIFIED = {304: {"description": "Nothing changed since your ETag"}}


@router.get(
    "",
    summary="Search live adverts",
    response_model=Page[JobSummary],
    responses=problems(400) | NOT_MODIFIED,
    dependencies=[allow_anyone()],
)
async def search_jobs(
    response: Response,
    session: SessionDep,
    page: PageQuery,
    now: Now,
    wanted: Annotated[JobFilter, Query()],
    if_none_match: IfNoneMatch = None,
) -> Response:
    found, cursor = await queries.search_jobs(session, wanted, page, now=now)
    items = [JobSummary.model_validate(job) for job in found]
    return _conditional(Page[JobSummary](items=items, next_cursor=cursor), if_none_match, response)


@router.get(
    "/{job_id}",
    summary="Read one live advert",
    response_model=JobRead,
    responses=problems(404) | NOT_MODIFIED,
    dependencies=[allow_anyone()],
)
async def get_job(
    job_id: UUID, response: Response, session: SessionDep, now: Now, if_none_match: IfNoneMatch = None
) -> Response:
    job = await queries.get_job(session, job_id, now=now)
    return _conditional(JobRead.model_validate(job), if_none_match, response)


def _conditional(body: BaseModel, if_none_match: str | None, response: Response) -> Response:
    """The body with its ETag, or 304 for a reader who has it."""
    text = body.model_dump_json().encode()
    tag = etag_of_body(text)
    headers = {"ETag": tag, "Cache-Control": "public, max-age=0, must-revalidate"}
    if "link" in response.headers:
        headers["Link"] = response.headers["link"]
    if if_none_match is not None and tag in {each.strip() for each in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)
