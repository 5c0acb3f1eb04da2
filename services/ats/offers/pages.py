from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.ats.applications.states import LABELS, REASONS_FOR_THE_CANDIDATE, REASONS_OF_NOBODY
from services.ats.offers import commands
from services.ats.offers.own import own_application
from services.ats.offers.queries import OfferNotFound
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_link
from shared.pages import ask_first, render

OWN = "/my-application"
router = APIRouter(prefix=OWN, include_in_schema=False)
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


@router.get("/offers/{offer_id}/decline")
async def ask_to_decline(request: Request, offer_id: UUID, session: SessionDep, caller: Candidate) -> Response:
    own = await own_application(session, caller)
    if own.offer is None or own.offer.id != offer_id:
        raise OfferNotFound
    return ask_first(
        request,
        "Are you sure that you want to decline this offer?",
        follows=f"{own.employer_name} can offer the job of {own.vacancy_title} to somebody else. You cannot undo this.",
        button="Decline the offer",
        back_href=OWN,
    )


@router.post("/offers/{offer_id}/decline")
async def decline_on_page(offer_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.decline_offer(session, offer_id, caller=caller, expected=None, now=now)
    return _back()


@router.get("/withdraw")
async def ask_to_withdraw(request: Request, session: SessionDep, caller: Candidate) -> Response:
    own = await own_application(session, caller)
    return ask_first(
        request,
        "Are you sure that you want to withdraw your application?",
        follows=f"{own.employer_name} looks at it no more for the job of {own.vacancy_title}. You cannot undo this.",
        button="Withdraw my application",
        back_href=OWN,
    )


@router.post("/withdraw")
async def withdraw_on_page(session: SessionDep, caller: Candidate, now: Now) -> Response:
    own = await own_application(session, caller)
    await commands.withdraw_application(session, own.id, caller=caller, expected=None, now=now)
    return _back()


def _back() -> Response:
    return RedirectResponse(OWN, status_code=303)
