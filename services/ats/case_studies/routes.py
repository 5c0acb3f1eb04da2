from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.ats.case_studies import commands, queries
from services.ats.case_studies.models import CaseStudy
from services.ats.case_studies.schemas import (
    CaseStudyFilter,
    CaseStudyRead,
    CaseStudyWrite,
    PublishedCaseStudy,
)
from services.ats.establishment.commands import employer_of
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_anyone, allow_staff
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery, paginate
from shared.problems import problems
from shared.registry import get_employer_by_code
from shared.vocabulary import Role

router = APIRouter(prefix="/v1", tags=["case studies"], route_class=IdempotentRoute)
Editor = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]
ONE = "/case-studies/{case_study_id}"


def answer(study: CaseStudy, response: Response) -> CaseStudy:
    response.headers["ETag"] = etag_of(study.version)
    return study


@router.get(
    "/case-studies",
    summary="Stories of people who work here, as the careers pages show them",
    response_model=Page[PublishedCaseStudy],
    responses=problems(400, 404),
    dependencies=[allow_anyone()],
)
async def read_case_studies(
    session: SessionDep, page: PageQuery, wanted: Annotated[CaseStudyFilter, Query()]
) -> Page[PublishedCaseStudy]:
    employer = await get_employer_by_code(session, wanted.employer.upper()) if wanted.employer else None
    found, cursor = await paginate(
        session,
        queries.published(employer.id if employer else None, wanted.family),
        page,
        order=(CaseStudy.position, CaseStudy.id),
    )
    return Page[PublishedCaseStudy](
        items=[PublishedCaseStudy.model_validate(each) for each in found], next_cursor=cursor
    )


@router.get(
    "/employers/{code}/case-studies",
    summary="All stories of an employer, drafts too",
    response_model=list[CaseStudyRead],
    responses=problems(404),
)
async def list_case_studies(code: str, session: SessionDep, caller: Editor) -> list[CaseStudy]:
    employer = await employer_of(session, code, caller)
    return list(await queries.list_own(session, [employer.id]))


@router.post(
    "/employers/{code}/case-studies",
    summary="Write a story as a draft",
    status_code=201,
    response_model=CaseStudyRead,
    responses=problems(404),
)
async def write_case_study(
    code: str, wanted: CaseStudyWrite, session: SessionDep, caller: Editor, now: Now, response: Response
) -> CaseStudy:
    employer = await employer_of(session, code, caller)
    return answer(await commands.write_case_study(session, employer.id, wanted, caller=caller, now=now), response)


@router.get(ONE, summary="Read a story with its consent", response_model=CaseStudyRead, responses=problems(404))
async def get_case_study(case_study_id: UUID, session: SessionDep, caller: Editor, response: Response) -> CaseStudy:
    return answer(await commands.get_own(session, case_study_id, caller), response)


@router.put(ONE, summary="Change a story", response_model=CaseStudyRead, responses=problems(404, 412))
async def change_case_study(
    case_study_id: UUID, wanted: CaseStudyWrite, session: SessionDep, caller: Editor, now: Now, expected: IfMatch
) -> CaseStudy:
    return await commands.change_case_study(session, case_study_id, wanted, caller=caller, expected=expected, now=now)


@router.delete(ONE, summary="Delete a story", status_code=204, responses=problems(404))
async def delete_case_study(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> None:
    await commands.delete_case_study(session, case_study_id, caller=caller, now=now)


@router.post(
    f"{ONE}/publish", summary="Show a story to everyone", response_model=CaseStudyRead, responses=problems(404, 409)
)
async def publish_case_study(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> CaseStudy:
    return await commands.publish_case_study(session, case_study_id, caller=caller, now=now)


@router.post(f"{ONE}/unpublish", summary="Make a story a draft", response_model=CaseStudyRead, responses=problems(404))
async def unpublish_case_study(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> CaseStudy:
    return await commands.unpublish_case_study(session, case_study_id, caller=caller, now=now)


@router.post(
    f"{ONE}/withdraw-consent",
    summary="The person portrayed does not agree any more: nobody reads it from now on",
    response_model=CaseStudyRead,
    responses=problems(404),
)
async def withdraw_consent(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> CaseStudy:
    return await commands.withdraw_consent(session, case_study_id, caller=caller, now=now)
