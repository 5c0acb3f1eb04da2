"""Documents on pages: a candidate's own, and those of a candidate for who decides."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.applications.routes import Reader
from services.ats.applications.states import ENDED
from services.ats.documents import commands, queries
from services.ats.documents.downloads import Candidate, hand_out
from services.ats.documents.presenting import STATES, present_documents
from services.ats.documents.uploads import FILE, DeskDep, receive, refusal_in_words
from services.ats.files.kinds import MEGABYTE, MOST_BYTES
from services.ats.panels.callers import Reader as PanelReader
from services.ats.panels.queries import application_of_panel
from services.ats.panels.seats import take_seat
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.database import transaction
from shared.errors import DomainError
from shared.pages import Crumb, FormError, render

OWN_PATH = "/my-application/documents"
BODY_LIMITS = {OWN_PATH: MOST_BYTES + 64 * 1024}
router = APIRouter(include_in_schema=False)


@router.get(OWN_PATH)
async def own_documents_page(request: Request, session: SessionDep, caller: Candidate, desk: DeskDep) -> Response:
    return await _own(request, session, caller, can_send=desk.store is not None)


@router.post(OWN_PATH)
async def send_document_on_page(request: Request, caller: Candidate, desk: DeskDep, now: Now) -> Response:
    """Read and examined before a transaction begins. What is refused is said beside the field."""
    assert caller.subject_id is not None
    try:
        upload = await receive(request, desk)
        async with transaction(request.state.sessions, caller.tenancy) as session:
            await commands.send_document(session, desk, upload, caller.subject_id, caller=caller, now=now)
    except DomainError as refused:
        async with transaction(request.state.sessions, caller.tenancy) as session:
            return await _own(request, session, caller, can_send=desk.store is not None, errors=[_error(refused)])
    return RedirectResponse(OWN_PATH, status_code=303)


@router.get(f"{OWN_PATH}/{{document_id}}")
async def download_own_document_on_page(
    document_id: UUID, session: SessionDep, caller: Candidate, desk: DeskDep
) -> Response:
    return hand_out(await commands.fetch_own(session, desk, document_id, caller=caller))


@router.post(f"{OWN_PATH}/{{document_id}}/remove")
async def remove_document_on_page(
    request: Request, document_id: UUID, session: SessionDep, caller: Candidate, desk: DeskDep, now: Now
) -> Response:
    try:
        async with session.begin_nested():
            await commands.remove_document(session, document_id, caller=caller, now=now)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _own(request, session, caller, can_send=desk.store is not None, errors=[_error(refused)])
    return RedirectResponse(OWN_PATH, status_code=303)


@router.get("/applications/{application_id}/documents")
async def documents_page(request: Request, application_id: UUID, session: SessionDep, _caller: Reader) -> Response:
    application = await get_application(session, application_id)
    return render(
        request,
        "documents/candidate.html",
        reference=application.reference,
        documents=present_documents(application, await queries.documents_of(session, application_id)),
        states=STATES,
        address="/v1/documents",
        ending="/content",
        breadcrumbs=[Crumb("Vacancy", f"/vacancies/{application.vacancy_id}"), Crumb("Documents")],
    )


@router.get("/panels/{vacancy_id}/applications/{application_id}/documents")
async def documents_page_for_panel(
    request: Request, vacancy_id: UUID, application_id: UUID, session: SessionDep, caller: PanelReader
) -> Response:
    seat = await take_seat(session, vacancy_id, caller)
    application = await application_of_panel(session, seat.vacancy.id, application_id)
    candidate = f"/panels/{vacancy_id}/applications/{application_id}"
    return render(
        request,
        "documents/candidate.html",
        reference=application.reference,
        documents=present_documents(application, await queries.documents_of(session, application.id)),
        states=STATES,
        address=f"/v1{candidate}/documents",
        ending="",
        breadcrumbs=[Crumb("Candidate", candidate), Crumb("Documents")],
    )


async def _own(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    *,
    can_send: bool,
    errors: Sequence[FormError] = (),
) -> Response:
    assert caller.subject_id is not None
    application = await get_application(session, caller.subject_id)
    return render(
        request,
        "documents/own.html",
        status_code=422 if errors else 200,
        errors=errors,
        documents=await queries.own_documents(session, caller, application.id),
        states=STATES,
        may_send=can_send and application.stage not in ENDED,
        most_megabytes=MOST_BYTES // MEGABYTE,
        breadcrumbs=[Crumb("Your application", "/my-application"), Crumb("Your documents")],
    )


def _error(refused: DomainError) -> FormError:
    """What is wrong and how to put it right, beside the file."""
    if refused.status == 404:
        raise refused
    return FormError(FILE, refusal_in_words(refused))
