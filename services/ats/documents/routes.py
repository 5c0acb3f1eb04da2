"""Documents over HTTP: sent by a candidate's link or the system that sent the application, read by who decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.ats.applications.queries import get_application
from services.ats.applications.routes import Reader
from services.ats.documents import commands, queries
from services.ats.documents.commands import OwnerMissing, Received
from services.ats.documents.downloads import Candidate, hand_out
from services.ats.documents.presenting import present_documents
from services.ats.documents.schemas import CandidateDocuments, OwnDocument
from services.ats.documents.uploads import MOST_BODY_BYTES, UPLOAD_BODY, DeskDep, receive
from services.ats.files.models import Document
from services.ats.panels.callers import Reader as PanelReader
from services.ats.panels.queries import application_of_panel
from services.ats.panels.seats import take_seat
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Scope

PATH = "/v1/documents"
BODY_LIMITS = {PATH: MOST_BODY_BYTES}
router = APIRouter(prefix="/v1", tags=["documents"], route_class=IdempotentRoute)
Sender = Annotated[Principal, Depends(allow(Scope.JOBS_APPLY, link="candidate"))]
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


async def received_upload(request: Request, _caller: Sender, desk: DeskDep) -> Received:
    """Read and examined before a transaction begins, and after it is known who sends."""
    return await receive(request, desk)


Upload = Annotated[Received, Depends(received_upload)]


@router.post(
    "/documents",
    summary="Send a document for an application, or ahead of one",
    status_code=201,
    response_model=OwnDocument,
    responses=problems(404, 409, 413, 415, 503),
    openapi_extra=UPLOAD_BODY,
)
async def send_document(
    caller: Sender,
    upload: Upload,
    session: SessionDep,
    desk: DeskDep,
    now: Now,
    application_id: Annotated[UUID | None, Query(description="A candidate's link knows it")] = None,
    job_id: Annotated[UUID | None, Query(description="Ahead of an application: names it in an answer")] = None,
) -> Document:
    """PDF, DOCX, ODT, RTF, TXT, JPG or PNG by its content, up to 10 MB. It is in quarantine until it is scanned."""
    owner = caller.subject_id or application_id
    if owner is not None:
        document = await commands.send_document(session, desk, upload, owner, caller=caller, now=now)
    elif job_id is not None:
        document = await commands.send_ahead(session, desk, upload, job_id, caller=caller, now=now)
    else:
        raise OwnerMissing(field="application_id", next_step="Add ?application_id= or ?job_id= to the address.")
    return document


@router.get(
    "/documents",
    summary="List the documents that you sent, with the state of each",
    response_model=list[OwnDocument],
    responses=problems(),
)
async def list_own_documents(
    session: SessionDep,
    caller: Sender,
    application_id: Annotated[
        UUID | None, Query(description="Of a system: without it, what you sent ahead and no application has named yet")
    ] = None,
) -> Sequence[Document]:
    return await queries.own_documents(session, caller, application_id)


@router.delete(
    "/documents/{document_id}",
    summary="Remove a document that you sent",
    status_code=204,
    responses=problems(404, 409),
)
async def remove_document(document_id: UUID, session: SessionDep, caller: Sender, now: Now) -> None:
    await commands.remove_document(session, document_id, caller=caller, now=now)


@router.get(
    "/my/documents/{document_id}/content",
    summary="Download a document of your own, once it is scanned",
    response_class=Response,
    responses={**problems(404, 409, 410, 503), **CONTENT},
)
async def download_own_document(document_id: UUID, session: SessionDep, caller: Candidate, desk: DeskDep) -> Response:
    return hand_out(await commands.fetch_own(session, desk, document_id, caller=caller))


@router.get(
    "/documents/{document_id}/content",
    summary="Download a candidate's document, from the shortlist on",
    response_class=Response,
    responses={**problems(404, 409, 410, 503), **CONTENT},
)
async def download_document(
    document_id: UUID, session: SessionDep, caller: Reader, desk: DeskDep, now: Now
) -> Response:
    """Of an anonymised application a copy without what it says of who made it, under a neutral name."""
    document = await queries.get_document(session, document_id)
    return hand_out(await commands.fetch_for_decision(session, desk, document, caller=caller, now=now))


@router.get(
    "/applications/{application_id}/documents",
    summary="List a candidate's documents: until the shortlist, only how many there are",
    response_model=CandidateDocuments,
    responses=problems(404),
)
async def list_documents(application_id: UUID, session: SessionDep, _caller: Reader) -> CandidateDocuments:
    application = await get_application(session, application_id)
    return present_documents(application, await queries.documents_of(session, application_id))


@router.get(
    "/panels/{vacancy_id}/applications/{application_id}/documents",
    summary="List a candidate's documents for the panel: until the shortlist, only how many there are",
    response_model=CandidateDocuments,
    responses=problems(404),
)
async def list_documents_for_panel(
    vacancy_id: UUID, application_id: UUID, session: SessionDep, caller: PanelReader
) -> CandidateDocuments:
    seat = await take_seat(session, vacancy_id, caller)
    application = await application_of_panel(session, seat.vacancy.id, application_id)
    return present_documents(application, await queries.documents_of(session, application.id))


@router.get(
    "/panels/{vacancy_id}/applications/{application_id}/documents/{document_id}",
    summary="Download a candidate's document as a member of the panel, from the shortlist on",
    response_class=Response,
    responses={**problems(404, 409, 410, 503), **CONTENT},
)
async def download_for_panel(
    vacancy_id: UUID,
    application_id: UUID,
    document_id: UUID,
    session: SessionDep,
    caller: PanelReader,
    desk: DeskDep,
    now: Now,
) -> Response:
    seat = await take_seat(session, vacancy_id, caller)
    application = await application_of_panel(session, seat.vacancy.id, application_id)
    document = await queries.get_document_of(session, application.id, document_id)
    return hand_out(await commands.fetch_for_decision(session, desk, document, caller=caller, now=now))
