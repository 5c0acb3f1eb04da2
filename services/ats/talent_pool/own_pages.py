"""A candidate's own choice about the talent pool, and the way out that every message of it carries."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.pooling import OWN_PAGE
from services.ats.applications.states import PoolReach
from services.ats.talent_pool import commands
from services.ats.talent_pool.telling import member_of_token
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal, allow_anyone, allow_link
from shared.pages import FormError, render

router = APIRouter(prefix=OWN_PAGE, include_in_schema=False)
leaving_router = APIRouter(prefix="/talent-pool/leave", include_in_schema=False, dependencies=[allow_anyone()])
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Token = Annotated[str, Path(min_length=64, max_length=64, pattern="^[0-9a-f]+$")]
REACHES = (
    (PoolReach.EMPLOYER.value, "This employer only"),
    (PoolReach.REGION.value, "Every council and body in the region that recruits here"),
)
CHOOSE = FormError("reach", "Choose who may invite you")
AGREE = FormError("consent_version", "Agree to what is kept, or leave this page")


@router.get("")
async def own_pool_page(request: Request, session: SessionDep, caller: Candidate) -> Response:
    return await _own(request, session, caller)


@router.post("")
async def join_on_page(
    request: Request,
    session: SessionDep,
    caller: Candidate,
    now: Now,
    reach: Annotated[str, Form(max_length=20)] = "",
    consent_version: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    errors = [] if reach in set(PoolReach) else [CHOOSE]
    if errors:
        return await _own(request, session, caller, reach, errors)
    try:
        await commands.join(session, caller, PoolReach(reach), consent_version=consent_version, now=now)
    except commands.ConsentOutdated:
        return await _own(request, session, caller, reach, [AGREE])
    return _back()


@router.post("/keep")
async def keep_on_page(session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.keep(session, caller, now=now)
    return _back()


@router.post("/leave")
async def leave_on_page(session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.leave(session, caller, now=now)
    return _back()


@leaving_router.get("/{token}")
async def leave_by_link_page(token: Token, request: Request) -> Response:
    """A button, and nothing else: scanners of mail follow links, and end nobody's choice by it."""
    return _not_ours(request) if member_of_token(token) is None else render(request, "talent_pool/leave.html")


@leaving_router.post("/{token}")
async def leave_by_link(token: Token, request: Request, session: RegionSessionDep, now: Now) -> Response:
    """The button, and the one click of a mail program (RFC 8058): no cookie, no sign-in, no further question.

    The same answer a second time, when there is nothing left to end.
    """
    member_id = member_of_token(token)
    if member_id is None:
        return _not_ours(request)
    await commands.leave_by_token(session, member_id, now=now)
    return render(request, "talent_pool/left.html")


def _not_ours(request: Request) -> Response:
    return render(request, "talent_pool/not_ours.html", status_code=404)


def _back() -> Response:
    return RedirectResponse(OWN_PAGE, status_code=303)


async def _own(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    reach: str = "",
    errors: list[FormError] | None = None,
) -> Response:
    own = await commands.own_membership(session, caller)
    return render(
        request,
        "talent_pool/own.html",
        status_code=422 if errors else 200,
        own=own,
        reaches=REACHES,
        labels=dict(REACHES),
        reach=reach or own.reach,
        errors=errors or [],
    )
