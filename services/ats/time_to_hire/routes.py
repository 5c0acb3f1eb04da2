from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import steps_of_vacancy
from services.ats.time_to_hire import report
from services.ats.time_to_hire.schemas import LogEntryRead, ReportFilter, TimeToHireReport
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["time to hire"])
Analyst = Annotated[Principal, Depends(allow(Scope.REPORTS_READ))]
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]


@router.get(
    "/reports/time-to-hire",
    summary="Time to hire, with open vacancies kept in",
    response_model=TimeToHireReport,
    responses=problems(404),
)
async def get_time_to_hire(
    session: SessionDep, _caller: Analyst, now: Now, wanted: Annotated[ReportFilter, Query()]
) -> TimeToHireReport:
    return await report.time_to_hire(session, wanted, now=now)


@router.get(
    "/vacancies/{vacancy_id}/timeline",
    summary="What happened to a vacancy, from the hiring log",
    response_model=list[LogEntryRead],
    responses=problems(404),
)
async def get_timeline(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[HiringLogEntry]:
    await get_vacancy(session, vacancy_id)
    return await steps_of_vacancy(session, vacancy_id)
