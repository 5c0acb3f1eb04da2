from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.ats.applications import commands, queries
from services.ats.applications.models import Application
from services.ats.applications.permitted import MANAGERS, PANEL
from services.ats.applications.presenting import present_application
from services.ats.applications.reading import note_reads
from services.ats.applications.schemas import (
    AnsweredCriterion,
    AnsweredForm,
    ApplicationFilter,
    ApplicationRead,
    InterviewInvitation,
)
from services.ats.audit.actor import Actor
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.routes import MOVE_PROBLEMS
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)
Sender = Annotated[Principal, Depends(allow(Scope.JOBS_APPLY))]
Reader = Annotated[Principal, Depends(allow(Scope.APPLICATIONS_READ))]
PanelMember = Annotated[Principal, Depends(allow_decision(*sorted(PANEL), scope=Scope.APPLICATIONS_WRITE))]
Manager = Annotated[Principal, Depends(allow_decision(*sorted(MANAGERS), scope=Scope.APPLICATIONS_WRITE))]


def answer(application: Application, caller: Principal, response: Response) -> ApplicationRead:
    response.headers["ETag"] = etag_of(application.version)
    return present_application(application, caller)


@router.get(
    "/applications",
    summary="List applications",
    response_model=Page[ApplicationRead],
    responses=problems(400),
)
async def list_applications(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[ApplicationFilter, Query()], now: Now
) -> Page[ApplicationRead]:
    found, cursor = await queries.search_applications(session, wanted, page)
    await note_reads(session, found, actor=Actor.of(caller), now=now)
    return Page[ApplicationRead](items=[present_application(each, caller) for each in found], next_cursor=cursor)


@router.get(
    "/applications/{application_id}",
    summary="Read an application",
    response_model=ApplicationRead,
    responses=problems(404),
)
async def get_application(
    application_id: UUID, session: SessionDep, caller: Reader, now: Now, response: Response
) -> ApplicationRead:
    application = await queries.get_application(session, application_id)
    await note_reads(session, [application], actor=Actor.of(caller), now=now)
    return answer(application, caller, response)


@router.get(
    "/applications/{application_id}/form",
    summary="Read the form that an application answered",
    description="With the questions' words, and which answers rule somebody out.",
    response_model=AnsweredForm,
    responses=problems(404),
)
async def get_answered_form(application_id: UUID, session: SessionDep, _: Reader) -> AnsweredForm:
    kept = await queries.find_answered_form(session, application_id)
    if kept is None:
        return AnsweredForm(form_version=None, application_form=None, essential=[])
    return AnsweredForm(
        form_version=kept.version,
        application_form=ApplicationForm.model_validate(kept.form),
        essential=[AnsweredCriterion.model_validate(each) for each in kept.essential],
    )


@router.post(
    "/applications/{application_id}/invite-to-interview",
    summary="Invite a shortlisted candidate, or move their interview",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def invite_to_interview(
    application_id: UUID,
    invitation: InterviewInvitation,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    application = await commands.invite_to_interview(
        session, application_id, invitation, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/applications/{application_id}/record-interview",
    summary="Record that the interview was held",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def record_interview(
    application_id: UUID, session: SessionDep, caller: PanelMember, now: Now, expected: IfMatch, response: Response
) -> ApplicationRead:
    application = await commands.record_interview(
        session, application_id, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)
