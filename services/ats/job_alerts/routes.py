from __future__ import annotations

from fastapi import APIRouter, Request

from services.ats.job_alerts.asking import ask_for_alert
from services.ats.job_alerts.schemas import JobAlertAsked, JobAlertCreate
from shared.app import Now, RegionSessionDep
from shared.auth import allow_anyone
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1/job-alerts", tags=["jobs"], route_class=IdempotentRoute, dependencies=[allow_anyone()])


@router.post(
    "",
    summary="Save a search: new adverts that it finds are mailed",
    description="The address gets a link, and nothing else until it is followed and confirmed. The answer is the same"
    " whether or not the address is known, and when too much was asked for it.",
    status_code=202,
    response_model=JobAlertAsked,
    responses=problems(),
)
async def create_job_alert(
    wanted: JobAlertCreate, request: Request, session: RegionSessionDep, now: Now
) -> JobAlertAsked:
    await ask_for_alert(request, session, wanted, now)
    return JobAlertAsked()
