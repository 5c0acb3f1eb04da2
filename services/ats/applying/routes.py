from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.ats.applications.models import Application
from services.ats.applications.routes import Sender
from services.ats.applications.schemas import ApplicationReceipt
from services.ats.applying import commands
from services.ats.applying.manual import BODY
from services.ats.applying.reading import MOST_BODY_BYTES, SentApplication, receive_application
from services.ats.documents.uploads import DeskDep
from shared.app import Now, SessionDep
from shared.etag import etag_of
from shared.idempotency import IdempotentRoute
from shared.problems import problems

BODY_LIMITS = {"/v1/jobs/{id}/applications": MOST_BODY_BYTES}
router = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)


async def received_application(request: Request, _caller: Sender, desk: DeskDep) -> SentApplication:
    """Read and examined before a transaction begins, and after it is known who sends."""
    return await receive_application(request, desk)


Sent = Annotated[SentApplication, Depends(received_application)]
EXTRA: dict[str, Any] = {"requestBody": BODY}


@router.post(
    "/jobs/{job_id}/applications",
    summary="Send one person's application for a live advert",
    description=(
        "JSON, with files in base64, or multipart/form-data: a part `application` with the JSON, and each file as"
        " `question_<its id>`, or as `document` where it answers no question. PDF, DOCX, ODT, RTF, TXT, JPG or PNG by"
        " content, up to 10 MB each, ten of them and 30 MB together; more are sent ahead (`POST /v1/documents`). All of"
        " it is taken or nothing."
    ),
    status_code=201,
    response_model=ApplicationReceipt,
    responses=problems(400, 404, 409, 413, 415, 503),
    openapi_extra=EXTRA,
)
async def submit_application(
    job_id: UUID, sent: Sent, session: SessionDep, caller: Sender, desk: DeskDep, now: Now, response: Response
) -> Application:
    application = await commands.send_application(session, desk, job_id, sent, caller=caller, now=now)
    response.headers["Location"] = f"/v1/applications/{application.id}"
    response.headers["ETag"] = etag_of(application.version)
    return application
