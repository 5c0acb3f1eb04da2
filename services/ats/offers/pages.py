from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.ats.applications.states import LABELS, REASONS_FOR_THE_CANDIDATE, REASONS_OF_NOBODY
from services.ats.offers import commands
from services.ats.offers.own import own_application
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_link
from shared.pages import render

router = APIRouter(prefix="/my-application", include_in_schema=False)
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]


@router.get("")
async def own_application_page(request: Request, session: SessionDep, caller: Candidate) -> Response:
    own = await own_application(session, caller)
    reason = own.rejection_reason
    stage = "Closed: the vacancy has ended" if reason in REASONS_OF_NOBODY else LABELS[own.stage]
    why = None if reason is None else REASONS_FOR_THE_CANDIDATE[reason]
    return render(request, "offers/own.html", own=own, stage=stage, why=why)


@router.post("/offers/{offer_id}/accept")
async def accept_on_page(offer_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.accept_offer(session, offer_id, caller=caller, expected=None, now=now)
    return _back()


@router.post("/offers/{offer_id}/decline")
async def decline_on_page(offer_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.decline_offer(session, offer_id, caller=caller, expected=None, now=now)
    return _back()


@router.post("/withdraw")
async def withdraw_on_page(session: SessionDep, caller: Candidate, now: Now) -> Response:
    own = await own_application(session, caller)
    await commands.withdraw_application(session, own.id, caller=caller, expected=None, now=now)
    return _back()


def _back() -> Response:
    return RedirectResponse("/my-application", status_code=303)
