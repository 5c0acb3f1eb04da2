from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.ats.jobs import queries
from services.ats.jobs.posting import as_script, job_posting
from services.ats.jobs.schemas import JobFilter
from shared.addresses import public_url
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.pages import Crumb, render
from shared.pagination import PageQuery
from shared.reference.occupations import families
from shared.registry import list_employers
from shared.vocabulary import Service

router = APIRouter(prefix="/jobs", include_in_schema=False, dependencies=[allow_anyone()])


@router.get("")
async def jobs_page(
    request: Request,
    session: SessionDep,
    now: Now,
    page: PageQuery,
    q: Annotated[str, Query(max_length=200)] = "",
    employer: Annotated[str, Query(max_length=10)] = "",
    family: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    wanted = JobFilter(q=q or None, employer=employer or None, family=family or None)
    found, cursor = await queries.search_jobs(session, wanted, page, now=now)
    return render(
        request,
        "jobs/list.html",
        jobs=found,
        q=q,
        employer=employer,
        family=family,
        employer_items=[(each.code, each.title) for each in await list_employers(session)],
        family_items=[(each.family, each.label) for each in families().values()],
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/{job_id}")
async def job_page(request: Request, job_id: UUID, session: SessionDep, now: Now) -> Response:
    job = await queries.get_job(session, job_id, now=now)
    posting = job_posting(job, f"{public_url(Service.ATS)}/jobs/{job.id}")
    return render(
        request,
        "jobs/job.html",
        job=job,
        paragraphs=[part for part in job.description.split("\n") if part.strip()],
        json_ld=as_script(posting),
        breadcrumbs=[Crumb("Jobs", "/jobs"), Crumb(job.title)],
    )
