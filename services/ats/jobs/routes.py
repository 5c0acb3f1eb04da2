from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel

from services.ats.jobs import facets, queries, search
from services.ats.jobs.changes import changes_since
from services.ats.jobs.posting import job_posting, page_url
from services.ats.jobs.schemas import JobCriteria, JobFacets, JobFilter, JobPage, JobRead, JobSummary, Suggestions
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.etag import etag_of_body
from shared.pagination import PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
NOT_MODIFIED = {304: {"description": "Nothing changed since your ETag"}}


class ConditionalReply:
    """A body with its ETag, or 304 for a reader who has it."""

    def __init__(self, response: Response, if_none_match: str | None) -> None:
        self._headers = response.headers
        self._read = {each.strip() for each in (if_none_match or "").split(",")}

    def with_body(self, body: BaseModel) -> Response:
        text = body.model_dump_json().encode()
        tag = etag_of_body(text)
        headers = {"ETag": tag, "Cache-Control": "public, max-age=0, must-revalidate"}
        if "link" in self._headers:
            headers["Link"] = self._headers["link"]
        if tag in self._read:
            return Response(status_code=304, headers=headers)
        return Response(text, media_type="application/json", headers=headers)


async def conditional_reply(
    response: Response,
    if_none_match: Annotated[str | None, Header(description="The ETag last read: 304 when nothing changed")] = None,
) -> ConditionalReply:
    return ConditionalReply(response, if_none_match)


Reply = Annotated[ConditionalReply, Depends(conditional_reply)]


@router.get(
    "",
    summary="Search live adverts",
    description="Words are ranked by title, then employer, then text;"
    " a word that stands in no advert is read as the one most like it.",
    response_model=JobPage,
    responses=problems(400) | NOT_MODIFIED,
    dependencies=[allow_anyone()],
)
async def search_jobs(
    session: SessionDep,
    page: PageQuery,
    now: Now,
    reply: Reply,
    wanted: Annotated[JobFilter, Query()],
) -> Response:
    if wanted.updated_since is not None:
        changed = await changes_since(session, wanted.updated_since, page, now=now)
        body = JobPage(
            items=changed.live,
            ended=changed.ended,
            next_cursor=changed.next_cursor,
            next_updated_since=changed.next_since,
        )
    else:
        found = await search.search_jobs(session, wanted, page, now=now)
        body = JobPage(items=found.jobs, next_cursor=found.next_cursor, searched_for=found.searched_for)
    return reply.with_body(body)


@router.get(
    "/facets",
    summary="Count live adverts by filter",
    description="Takes the filters of the search; each is counted as if nothing were chosen of it.",
    response_model=JobFacets,
    responses=problems() | NOT_MODIFIED,
    dependencies=[allow_anyone()],
)
async def count_jobs(
    session: SessionDep,
    now: Now,
    reply: Reply,
    wanted: Annotated[JobCriteria, Query()],
) -> Response:
    return reply.with_body(await facets.count_facets(session, wanted, now=now))


@router.get(
    "/suggestions",
    summary="Suggest while somebody types",
    description="Titles and employers of live adverts, and towns.",
    response_model=Suggestions,
    responses=problems() | NOT_MODIFIED,
    dependencies=[allow_anyone()],
)
async def suggest_jobs(
    session: SessionDep,
    now: Now,
    reply: Reply,
    q: Annotated[str, Query(min_length=2, max_length=60, examples=["hous"])],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> Response:
    items = await queries.suggest(session, q, limit=limit, now=now)
    return reply.with_body(Suggestions(items=items))


@router.get(
    "/{job_id}",
    summary="Read one live advert",
    description="410 once the advert is over; 404 for an id that never was public.",
    response_model=JobRead,
    responses=problems(404, 410) | NOT_MODIFIED,
    dependencies=[allow_anyone()],
)
async def get_job(job_id: UUID, session: SessionDep, now: Now, reply: Reply) -> Response:
    job = await queries.get_job(session, job_id, now=now)
    shown = JobSummary.model_validate(job).model_dump()
    more = {name: getattr(job, name) for name in JobRead.model_fields if name not in shown and hasattr(job, name)}
    body = JobRead.model_validate(shown | more | {"page_url": page_url(job.id), "job_posting": job_posting(job)})
    return reply.with_body(body)
