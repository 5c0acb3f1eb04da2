"""The decisions of a sift over HTTP."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.applications.routes import Manager, PanelMember, answer
from services.ats.applications.schemas import ApplicationRead, Rejection
from services.ats.audit.actor import Actor
from services.ats.selection import commands
from services.ats.vacancies.routes import MOVE_PROBLEMS
from services.ats.vacancies.routes import answer as vacancy_answer
from services.ats.vacancies.schemas import VacancyRead
from shared.app import Now, SessionDep
from shared.etag import IfMatch
from shared.idempotency import IdempotentRoute

router = APIRouter(prefix="/v1", tags=["selection"], route_class=IdempotentRoute)


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
