from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.ats.time_to_hire import report
from services.ats.time_to_hire.schemas import ReportFilter
from services.ats.time_to_hire.vocabulary import Measure
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.pages import render
from shared.registry import list_employers
from shared.vocabulary import Scope

router = APIRouter(include_in_schema=False)
Analyst = Annotated[Principal, Depends(allow(Scope.REPORTS_READ))]
TITLES = {
    Measure.ADVERT_TO_CLEARED: "First advert to cleared to start",
    Measure.APPROVED_TO_CLEARED: "Approval to cleared to start",
}


@router.get("/time-to-hire")
async def time_to_hire_page(
    request: Request,
    session: SessionDep,
    caller: Analyst,
    now: Now,
    employer: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    found = await report.time_to_hire(session, ReportFilter(employer=employer or None), now=now)
    employers = await list_employers(session, None if caller.is_region else caller.employer_ids)
    return render(
        request,
        "time_to_hire/overview.html",
        report=found,
        titles=TITLES,
        employer=employer,
        employer_items=[(each.code, each.title) for each in employers],
    )
