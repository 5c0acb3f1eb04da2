"""Drafts for a system that shows the form itself, and for people who came by a link to theirs."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.ats.applications.models import Application
from services.ats.applications.routes import Sender
from services.ats.applications.schemas import ApplicationReceipt
from services.ats.drafts import commands, queries
from services.ats.drafts.asking import ask_for_links, refuse_too_many
from services.ats.drafts.commands import NewDraft
from services.ats.drafts.schemas import (
    DraftBegin,
    DraftLinkRequest,
    DraftLinkSent,
    DraftRead,
    DraftSave,
    FormerApplication,
    FormerChosen,
)
from services.ats.drafts.telling import LINK_PURPOSE
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal, allow, allow_anyone, allow_link
from shared.errors import DomainError
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)
Owner = Annotated[Principal, Depends(allow(Scope.JOBS_APPLY, link=LINK_PURPOSE))]
Person = Annotated[Principal, Depends(allow_link(LINK_PURPOSE))]


class VersionNotSaid(DomainError):
    code: ClassVar[str] = "version_not_said"
    status: ClassVar[int] = 428
    title: ClassVar[str] = "A draft is saved over the version that was read"


async def version_seen(expected: IfMatch) -> int:
    """Raises VersionNotSaid: without it one window would undo another unseen."""
    if expected is None:
        raise VersionNotSaid(next_step="Send If-Match with the ETag of your last read")
    return expected


def _tagged(draft: DraftRead, response: Response) -> DraftRead:
    response.headers["ETag"] = etag_of(draft.version)
    return draft


@router.post(
    "/jobs/{job_id}/drafts",
    summary="Begin an application that is sent later",
    description="No account: its person is mailed a link to go on anywhere. What is typed need not be right yet.",
    status_code=201,
    response_model=DraftRead,
    responses=problems(404, 409, 410, 413),
)
async def begin_draft(
    request: Request,
    job_id: UUID,
    wanted: DraftBegin,
    session: RegionSessionDep,
    caller: Sender,
    now: Now,
    response: Response,
) -> DraftRead:
    await refuse_too_many(request, wanted.email, caller)
    new = NewDraft(wanted.email, wanted.application)
    draft, _ = await commands.begin_draft(session, job_id, new, caller=caller, now=now)
    response.headers["Location"] = f"/v1/drafts/{draft.id}"
    return _tagged(await queries.present_draft(session, draft, now=now), response)


@router.get(
    "/drafts/{draft_id}",
    summary="Read a draft, and what is missing of it",
    response_model=DraftRead,
    responses=problems(404),
)
async def get_draft(draft_id: UUID, session: SessionDep, caller: Owner, now: Now, response: Response) -> DraftRead:
    draft = await queries.own_draft(session, draft_id, caller)
    return _tagged(await queries.present_draft(session, draft, now=now), response)


@router.patch(
    "/drafts/{draft_id}",
    summary="Save what was typed, right or not",
    response_model=DraftRead,
    responses=problems(400, 404, 409, 412, 413, 428),
)
async def save_draft(
    draft_id: UUID,
    typed: DraftSave,
    session: SessionDep,
    caller: Owner,
    now: Now,
    seen: Annotated[int, Depends(version_seen)],
    response: Response,
) -> DraftRead:
    draft = await queries.own_draft(session, draft_id, caller, lock=True)
    commands.save_draft(draft, typed.application, expected=seen, now=now)
    await commands.adopt_named_documents(session, draft, caller=caller, now=now)
    return _tagged(await queries.present_draft(session, draft, now=now), response)


@router.post(
    "/drafts/{draft_id}/submit",
    summary="Send a draft as the application that it is",
    description="However often it is sent, it becomes one application; each time the answer is the same receipt.",
    status_code=201,
    response_model=ApplicationReceipt,
    responses=problems(404, 409),
)
async def submit_draft(draft_id: UUID, session: SessionDep, caller: Owner, now: Now) -> Application:
    draft = await queries.own_draft(session, draft_id, caller, lock=True)
    return await commands.submit_draft(session, draft, caller=caller, now=now)


@router.delete(
    "/drafts/{draft_id}",
    summary="Delete a draft with what was typed",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
async def delete_draft(draft_id: UUID, session: SessionDep, caller: Owner, now: Now) -> None:
    await commands.delete_draft(session, await queries.own_draft(session, draft_id, caller, lock=True), now=now)


@router.post(
    "/drafts/{draft_id}/end-links",
    summary="Make every link and session of a draft void",
    status_code=204,
    response_class=Response,
    responses=problems(404),
)
async def end_draft_links(draft_id: UUID, session: SessionDep, caller: Owner, now: Now) -> None:
    await commands.end_links(session, await queries.own_draft(session, draft_id, caller, lock=True), now=now)


@router.post(
    "/drafts/{draft_id}/send-link",
    summary="Mail the person of a draft a new link; earlier ones are void",
    status_code=202,
    response_model=DraftLinkSent,
    responses=problems(404, 409),
)
async def send_draft_link(
    request: Request, draft_id: UUID, session: SessionDep, caller: Owner, now: Now
) -> DraftLinkSent:
    draft = await queries.own_draft(session, draft_id, caller, lock=True)
    await refuse_too_many(request, draft.email, caller)
    await commands.send_another_link(session, draft, now=now)
    return DraftLinkSent()


@router.get(
    "/drafts/{draft_id}/former-applications",
    summary="List what the same person has sent before",
    response_model=list[FormerApplication],
    responses=problems(404),
)
async def list_former_applications(draft_id: UUID, session: SessionDep, caller: Person) -> list[FormerApplication]:
    return await queries.former_applications(session, await queries.own_draft(session, draft_id, caller))


@router.post(
    "/drafts/{draft_id}/reuse",
    summary="Fill what is empty of a draft from an earlier application",
    description="Only what the new form asks in the same words.",
    response_model=DraftRead,
    responses=problems(404, 409),
)
async def reuse_former_application(
    draft_id: UUID, chosen: FormerChosen, session: SessionDep, caller: Person, now: Now, response: Response
) -> DraftRead:
    draft = await queries.own_draft(session, draft_id, caller, lock=True)
    await commands.reuse_former(session, draft, chosen.application_id, now=now)
    return _tagged(await queries.present_draft(session, draft, now=now), response)


@router.post(
    "/draft-links",
    summary="Ask for a link to what one has begun: the same answer whether or not anybody is known",
    status_code=202,
    response_model=DraftLinkSent,
    responses=problems(),
    dependencies=[allow_anyone()],
)
async def request_draft_links(
    wanted: DraftLinkRequest, request: Request, session: RegionSessionDep, now: Now
) -> DraftLinkSent:
    await ask_for_links(request, session, wanted.email, now)
    return DraftLinkSent()
