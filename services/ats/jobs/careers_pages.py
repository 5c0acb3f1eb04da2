"""Careers pages: of the region, of each employer, and the employer's list for its own website to frame."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.ats.case_studies.queries import get_published, list_published
from services.ats.case_studies.rules import blocks
from services.ats.jobs import queries
from services.ats.jobs.pages import Chosen, choices, results
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.pages import Crumb, render
from shared.pagination import PageQuery
from shared.registry import get_employer_by_code, list_employers

router = APIRouter(prefix="/careers", include_in_schema=False, dependencies=[allow_anyone()])
root_router = APIRouter(include_in_schema=False, dependencies=[allow_anyone()])
STORIES_OF_THE_REGION, STORIES_OF_AN_EMPLOYER = 6, 12
FRAMED_BY_NOBODY, FRAMED_BY_ANYONE = "frame-ancestors 'none'", "frame-ancestors *"


@root_router.get("/")
async def front_door() -> Response:
    return RedirectResponse("/careers", status_code=307)


@router.get("")
async def careers_page(request: Request, session: SessionDep, now: Now) -> Response:
    live = await queries.live_by_employer(session, now=now)
    employers = [(each, live.get(each.code, 0)) for each in await list_employers(session)]
    return render(
        request,
        "jobs/careers.html",
        employers=sorted(employers, key=lambda each: each[0].title),
        in_all=sum(live.values()),
        studies=await list_published(session, limit=STORIES_OF_THE_REGION),
        codes={each.id: each.code for each, _ in employers},
        family_items=choices()["family_items"],
    )


@router.get("/{code}")
async def employer_careers_page(
    request: Request, code: str, session: SessionDep, now: Now, page: PageQuery, chosen: Chosen
) -> Response:
    employer = await get_employer_by_code(session, code)
    shown = await results(request, session, chosen, page, now=now, employer=employer.code)
    return render(
        request,
        "jobs/employer.html",
        status_code=422 if shown["errors"] else 200,
        employer=employer,
        studies=await list_published(session, employer.id, limit=STORIES_OF_AN_EMPLOYER),
        codes={employer.id: employer.code},
        chosen=chosen,
        breadcrumbs=[Crumb("Careers", "/careers"), Crumb(employer.title)],
        **choices(),
        **shown,
    )


@router.get("/{code}/stories/{case_study_id}")
async def story_page(request: Request, code: str, case_study_id: UUID, session: SessionDep) -> Response:
    employer = await get_employer_by_code(session, code)
    study = await get_published(session, employer.id, case_study_id)
    crumbs = [Crumb("Careers", "/careers"), Crumb(employer.title, f"/careers/{employer.code}"), Crumb(study.title)]
    shown = list(blocks(study.story))
    return render(request, "jobs/story.html", employer=employer, study=study, blocks=shown, breadcrumbs=crumbs)


@router.get("/{code}/embed")
async def embedded_careers_page(
    request: Request, code: str, session: SessionDep, now: Now, page: PageQuery, chosen: Chosen
) -> Response:
    """For an iframe on any website: adverts that anyone may read, no form, and nothing that a click could decide."""
    employer = await get_employer_by_code(session, code)
    shown = await results(request, session, chosen, page, now=now, employer=employer.code)
    answer = render(request, "jobs/embed.html", employer=employer, **shown)
    policy = answer.headers["Content-Security-Policy"]
    answer.headers["Content-Security-Policy"] = policy.replace(FRAMED_BY_NOBODY, FRAMED_BY_ANYONE)
    return answer
