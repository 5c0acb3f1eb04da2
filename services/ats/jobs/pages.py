from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.case_studies.queries import list_published
from services.ats.jobs import queries, search
from services.ats.jobs.conditions import in_words
from services.ats.jobs.posting import as_script, job_posting, pay_in_words
from services.ats.jobs.schemas import JobFilter, JobSort
from services.ats.jobs.towns import PlaceUnknown
from services.ats.jobs.workplaces import WORKPLACE_LABELS, Workplace
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery, PageRequest
from shared.reference.occupations import families
from shared.registry import list_employers

router = APIRouter(prefix="/jobs", include_in_schema=False, dependencies=[allow_anyone()])
MILES = (3, 5, 10, 15, 25, 50)
USUAL_MILES = 15
STORIES_BESIDE_A_JOB = 3


@dataclass(frozen=True)
class SearchForm:
    """What a visitor chose. A field that is left empty, or holds what no choice offers, narrows nothing."""

    q: str
    near: str
    miles: int
    employer: str
    family: str
    workplace: str

    def faults(self) -> list[FormError]:
        """A choice that was on offer when the address was kept, and is no more."""
        if self.family and self.family not in families():
            return [FormError("family", "This kind of work is not in the list any more. Choose another, or all kinds.")]
        return []

    def wanted(self) -> JobFilter:
        """What to search for. Nearest first where a place alone is given."""
        return JobFilter(
            q=self.q or None,
            near=self.near or None,
            within_miles=self.miles,
            employer=[self.employer] if self.employer else [],
            family=[self.family] if self.family in families() else [],
            workplace=[Workplace(self.workplace)] if self.workplace in list(Workplace) else [],
            sort=JobSort.DISTANCE if self.near and not self.q else None,
        )


async def search_form(
    q: Annotated[str, Query(max_length=200)] = "",
    near: Annotated[str, Query(max_length=60)] = "",
    miles: Annotated[int, Query(ge=1, le=200)] = USUAL_MILES,
    employer: Annotated[str, Query(max_length=10)] = "",
    family: Annotated[str, Query(max_length=60)] = "",
    workplace: Annotated[str, Query(max_length=10)] = "",
) -> SearchForm:
    return SearchForm(q.strip(), near.strip(), miles, employer, family, workplace)


Chosen = Annotated[SearchForm, Depends(search_form)]


async def results(
    request: Request,
    session: AsyncSession,
    chosen: SearchForm,
    page: PageRequest,
    *,
    now: datetime,
    employer: str | None = None,
) -> dict[str, Any]:
    """What `jobs/results.html` shows, of one employer where its code is given.

    What is not known is an error of the form, beside an empty list.
    """
    wanted = chosen.wanted()
    if employer is not None:
        wanted = wanted.model_copy(update={"employer": [employer]})
    nothing = {"jobs": [], "searched_for": None, "next_href": None}
    if faults := chosen.faults():
        return {**nothing, "errors": faults}
    try:
        found = await search.search_jobs(session, wanted, page, now=now)
    except PlaceUnknown as error:
        return {**nothing, "errors": [FormError("near", f"{error.title}. {error.next_step}.")]}
    except search.EmployerNotListed:
        words = "This employer is not in the list any more. Choose another, or all employers."
        return {**nothing, "errors": [FormError("employer", words)]}
    next_url = request.url.include_query_params(cursor=found.next_cursor)
    return {
        "jobs": found.jobs,
        "searched_for": found.searched_for,
        "next_href": f"{next_url.path}?{next_url.query}" if found.next_cursor else None,
        "errors": [],
    }


def choices() -> dict[str, Any]:
    """What the form offers beside the employers."""
    return {
        "mile_items": [(each, f"{each} miles") for each in MILES],
        "family_items": [(each.family, each.label) for each in families().values()],
        "workplace_items": list(WORKPLACE_LABELS.items()),
    }


@router.get("")
async def jobs_page(request: Request, session: SessionDep, now: Now, page: PageQuery, chosen: Chosen) -> Response:
    shown = await results(request, session, chosen, page, now=now)
    employers = [(each.code, each.title) for each in await list_employers(session)]
    narrowed = {name: value for name, value in asdict(chosen).items() if value}
    return render(
        request,
        "jobs/list.html",
        alert_href=f"/job-alerts/new?{urlencode(narrowed)}",
        status_code=422 if shown["errors"] else 200,
        chosen=chosen,
        employer_items=employers,
        **choices(),
        **shown,
    )


@router.get("/{job_id}")
async def job_page(request: Request, job_id: UUID, session: SessionDep, now: Now) -> Response:
    job = await queries.get_job(session, job_id, now=now)
    return render(
        request,
        "jobs/job.html",
        job=job,
        pay=pay_in_words(job),
        conditions=in_words(job.flags),
        workplace_label=WORKPLACE_LABELS[job.workplace],
        paragraphs=[part for part in job.description.split("\n") if part.strip()],
        studies=await list_published(session, job.employer_id, job.family, limit=STORIES_BESIDE_A_JOB),
        codes={job.employer_id: job.employer_code},
        json_ld=as_script(job_posting(job)),
        breadcrumbs=[
            Crumb("Careers", "/careers"),
            Crumb(job.employer_name, f"/careers/{job.employer_code}"),
            Crumb(job.title),
        ],
    )
