"""How to apply for a live advert: for a program, and as a page."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.ats.applications.form import JobFormRead, describe_form
from services.ats.jobs.queries import get_job
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.etag import etag_of
from shared.pages import Crumb, render
from shared.problems import problems

router = APIRouter(tags=["applications"], dependencies=[allow_anyone()])


@router.get(
    "/v1/jobs/{job_id}/form",
    summary="Describe the application form of a live advert",
    description="What `POST /v1/jobs/{job_id}/applications` takes for this advert. 410 once the advert is over.",
    response_model=JobFormRead,
    responses=problems(404, 410),
)
async def read_job_form(job_id: UUID, session: SessionDep, now: Now, response: Response) -> JobFormRead:
    form = describe_form(await get_job(session, job_id, now=now))
    response.headers["ETag"] = etag_of(form.version)
    return form


@router.get("/jobs/{job_id}/form", include_in_schema=False)
async def job_form_page(request: Request, job_id: UUID, session: SessionDep, now: Now) -> Response:
    job = await get_job(session, job_id, now=now)
    crumbs = [Crumb("Careers", "/careers"), Crumb(job.title, f"/jobs/{job.id}"), Crumb("How to apply")]
    return render(request, "applications/form.html", job=job, form=describe_form(job), breadcrumbs=crumbs)
