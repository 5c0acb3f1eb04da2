"""What is kept for how long, on a page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.ats.privacy.callers import Officer
from services.ats.retention import queries
from services.ats.retention.outlook import outlook_for
from services.ats.retention.rules import NOTICE_DAYS
from services.ats.retention.states import LABELS
from shared.app import Now, SessionDep
from shared.calendar import local_date
from shared.pages import Crumb, render
from shared.registry import list_employers

router = APIRouter(include_in_schema=False)


@router.get("/retention")
async def retention_page(request: Request, session: SessionDep, caller: Officer, now: Now) -> Response:
    return render(
        request,
        "retention/retention.html",
        outlook=await outlook_for(session, caller, local_date(now)),
        runs=await queries.latest_runs(session),
        titles={each.id: each.title for each in await list_employers(session)},
        labels=LABELS,
        notice_days=NOTICE_DAYS,
        breadcrumbs=[Crumb("Data requests", "/data-requests"), Crumb("Retention")],
    )
