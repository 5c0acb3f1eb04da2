"""Documents of drafts, for a system that shows the form itself and for people who came by a link to theirs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.ats.documents.commands import Received
from services.ats.documents.schemas import OwnDocument
from services.ats.documents.uploads import MOST_BODY_BYTES, UPLOAD_BODY, DeskDep, receive
from services.ats.drafts import queries
from services.ats.drafts.asking import refuse_too_many_documents
from services.ats.drafts.documents import remove_from_draft, send_for_draft
from services.ats.drafts.routes import Owner
from services.ats.files.models import Document
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.problems import problems

BODY_LIMITS = {"/v1/drafts/{id}/documents": MOST_BODY_BYTES}
router = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)


async def received_upload(request: Request, caller: Owner, desk: DeskDep) -> Received:
    """Read and examined before a transaction begins, and after it is known who sends."""
    await refuse_too_many_documents(request, caller)
    return await receive(request, desk)


Upload = Annotated[Received, Depends(received_upload)]


@router.post(
    "/drafts/{draft_id}/documents",
    summary="Send a document for a draft, to answer a question of its form with",
    description=(
        "PDF, DOCX, ODT, RTF, TXT, JPG or PNG by its content, up to 10 MB. Name its id in the answer; it lives as long"
        " as the draft."
    ),
    status_code=201,
    response_model=OwnDocument,
    responses=problems(404, 409, 413, 415, 503),
    openapi_extra=UPLOAD_BODY,
)
async def send_document_for_draft(
    draft_id: UUID, caller: Owner, upload: Upload, session: SessionDep, desk: DeskDep, now: Now
) -> Document:
    draft = await queries.own_draft(session, draft_id, caller, lock=True)
    return await send_for_draft(session, desk, upload, draft, caller=caller, now=now)


@router.delete(
    "/drafts/{draft_id}/documents/{document_id}",
    summary="Remove a document from a draft; an answer that names it is then to be given anew",
    status_code=204,
    response_class=Response,
    responses=problems(404, 409),
)
async def remove_document_of_draft(
    draft_id: UUID, document_id: UUID, session: SessionDep, caller: Owner, now: Now
) -> None:
    draft = await queries.own_draft(session, draft_id, caller, lock=True)
    await remove_from_draft(session, draft, [document_id], caller=caller, now=now)
