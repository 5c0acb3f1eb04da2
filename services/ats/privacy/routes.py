"""Cases over HTTP. The privacy office of a council is its administrator, of the region WME's; a person has a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.audit.actor import Actor
from services.ats.documents.uploads import DeskDep
from services.ats.privacy import commands, queries
from services.ats.privacy.asking import as_zip, asker_of, open_own
from services.ats.privacy.callers import Candidate, Fetcher, Officer
from services.ats.privacy.contents import Erased
from services.ats.privacy.fetching import fetch_export
from services.ats.privacy.models import DataSubjectCase, LegalHold
from services.ats.privacy.schemas import (
    CaseCreate,
    CaseDetail,
    CaseRead,
    LegalHoldCreate,
    LegalHoldRead,
    OwnCaseCreate,
    SignedManifest,
)
from shared.app import Now, RegionSessionDep, SessionDep
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["privacy"], route_class=IdempotentRoute)
export_router = APIRouter(prefix="/v1", tags=["privacy"])
ZIP_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


async def detail_of(session: SessionDep, case: DataSubjectCase) -> CaseDetail:
    read = CaseRead.model_validate(case).model_dump()
    return CaseDetail.model_validate(read | {"parts": await queries.parts_of(session, case.id)})


@router.post(
    "/data-subject-cases",
    summary="Open a person's request to see, put right or erase their data, in all services",
    status_code=201,
    response_model=CaseDetail,
    responses=problems(404),
)
async def open_case(wanted: CaseCreate, session: SessionDep, caller: Officer, erased: Erased, now: Now) -> CaseDetail:
    asker = await asker_of(session, wanted, caller)
    case = await commands.open_case(session, wanted, asker, erased=erased, actor=Actor.of(caller), now=now)
    return await detail_of(session, case)


@router.get(
    "/data-subject-cases",
    summary="List requests, newest first",
    response_model=Page[CaseRead],
    responses=problems(400),
)
async def list_cases(session: SessionDep, _caller: Officer, page: PageQuery) -> dict[str, Any]:
    found, cursor = await queries.search_cases(session, page)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/data-subject-cases/{case_id}",
    summary="Read a request: which service has answered what",
    response_model=CaseDetail,
    responses=problems(404),
)
async def get_case(case_id: UUID, session: SessionDep, _caller: Officer) -> CaseDetail:
    return await detail_of(session, await queries.get_case(session, case_id))


@router.get(
    "/data-subject-cases/{case_id}/manifest",
    summary="The signed manifest of a request that is done",
    response_model=SignedManifest,
    responses=problems(404, 409),
)
async def get_manifest(case_id: UUID, session: SessionDep, _caller: Officer) -> SignedManifest:
    case = await queries.get_case(session, case_id)
    if case.manifest is None or case.signature is None:
        raise queries.CaseStillOpen(next_step="Look again when every part has an answered_at")
    return SignedManifest(manifest=case.manifest, signature=case.signature)


@router.post(
    "/me/data-subject-cases",
    summary="Ask to see, put right or erase one's own data, in all services and at all employers",
    status_code=201,
    response_model=CaseRead,
    responses=problems(404, 409),
)
async def open_own_case(
    wanted: OwnCaseCreate, session: RegionSessionDep, caller: Candidate, erased: Erased, now: Now
) -> DataSubjectCase:
    return await open_own(session, wanted, caller, erased=erased, now=now)


@export_router.post(
    "/me/data-export",
    summary="Fetch one's own data as a ZIP with JSON, HTML and the documents: once, then it is deleted",
    responses={**problems(410, 503), **ZIP_ANSWER},
    response_class=Response,
)
async def fetch_own_export(session: RegionSessionDep, caller: Fetcher, desk: DeskDep, now: Now) -> Response:
    return as_zip(await fetch_export(session, desk, caller, now=now))


@router.post(
    "/applications/{application_id}/legal-holds",
    summary="Keep what is held of a candidate, whatever retention and requests say",
    status_code=201,
    response_model=LegalHoldRead,
    responses=problems(404),
)
async def place_legal_hold(
    application_id: UUID, wanted: LegalHoldCreate, session: SessionDep, caller: Officer, now: Now
) -> LegalHold:
    return await commands.place_hold(session, application_id, wanted.reason, actor=Actor.of(caller), now=now)


@router.get(
    "/legal-holds",
    summary="List legal holds, newest first",
    response_model=Page[LegalHoldRead],
    responses=problems(400),
)
async def list_legal_holds(session: SessionDep, _caller: Officer, page: PageQuery) -> dict[str, Any]:
    found, cursor = await queries.search_holds(session, page)
    return {"items": found, "next_cursor": cursor}


@router.post(
    "/legal-holds/{hold_id}/lift",
    summary="Lift a legal hold",
    response_model=LegalHoldRead,
    responses=problems(404, 409),
)
async def lift_legal_hold(hold_id: UUID, session: SessionDep, caller: Officer, now: Now) -> LegalHold:
    return await commands.lift_hold(session, hold_id, actor=Actor.of(caller), now=now)
