"""The decisions of a sift over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.ats.applications import rejecting
from services.ats.applications.routes import Manager, PanelMember, answer
from services.ats.applications.schemas import ApplicationRead, Rejection
from services.ats.audit.actor import Actor
from services.ats.selection import commands, guaranteed, queries
from services.ats.selection.models import InterviewCap
from services.ats.selection.schemas import CapRead, CapWrite
from services.ats.vacancies.queries import get_vacancy
from services.ats.vacancies.routes import MOVE_PROBLEMS
from services.ats.vacancies.routes import answer as vacancy_answer
from services.ats.vacancies.schemas import VacancyRead
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.etag import IfMatch
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["selection"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.APPLICATIONS_READ))]


@router.post(
    "/applications/{application_id}/shortlist",
    summary="Put a candidate on the shortlist",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def shortlist_application(
    application_id: UUID, session: SessionDep, caller: PanelMember, now: Now, expected: IfMatch, response: Response
) -> ApplicationRead:
    application = await commands.shortlist_application(
        session, application_id, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/vacancies/{vacancy_id}/confirm-shortlist",
    summary="Make the shortlist final and tell its people",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def confirm_shortlist(
    vacancy_id: UUID, session: SessionDep, caller: Manager, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await commands.confirm_shortlist(session, vacancy_id, actor=Actor.of(caller), expected=expected, now=now)
    return vacancy_answer(vacancy, caller, response)


@router.post(
    "/applications/{application_id}/reject",
    summary="Reject a candidate with a coded reason",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def reject_application(
    application_id: UUID,
    rejection: Rejection,
    session: SessionDep,
    caller: PanelMember,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    application = await commands.reject_application(
        session, application_id, rejection, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/applications/{application_id}/undo-rejection",
    summary="Take a rejection back: to the stage that it came from",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def undo_rejection(
    application_id: UUID, session: SessionDep, caller: PanelMember, now: Now, expected: IfMatch, response: Response
) -> ApplicationRead:
    """At any time, while people are still chosen for the vacancy. A message that has not left yet never does; who was
    told already is told that we have looked again.
    """
    application = await rejecting.undo_rejection(
        session, application_id, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.get(
    "/vacancies/{vacancy_id}/interview-caps",
    summary="Bounds on a vacancy's guaranteed interviews: the newest counts and comes first",
    response_model=list[CapRead],
    responses=problems(404),
)
async def list_interview_caps(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[InterviewCap]:
    return await queries.caps_of(session, (await get_vacancy(session, vacancy_id)).id)


@router.post(
    "/vacancies/{vacancy_id}/interview-caps",
    summary="Bound a vacancy's guaranteed interviews to the best of those who qualify",
    status_code=201,
    response_model=CapRead,
    responses=problems(404, 409),
)
async def set_interview_cap(
    vacancy_id: UUID, wanted: CapWrite, session: SessionDep, caller: Manager, now: Now
) -> InterviewCap:
    return await guaranteed.set_cap(session, vacancy_id, wanted, actor=Actor.of(caller), now=now)
