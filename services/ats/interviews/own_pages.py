"""A candidate chooses, moves and cancels their interview behind their link: a page without script."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.interviews import bookings
from services.ats.interviews.callers import Candidate
from services.ats.interviews.own import own_interviews
from services.ats.interviews.schemas import BookingMove, BookingWrite
from services.ats.interviews.states import CancelReason
from services.ats.interviews.telling import OWN_PAGE
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.errors import DomainError, NotFound
from shared.pages import FormError, ask_first, render

router = APIRouter(prefix=OWN_PAGE, include_in_schema=False)
Chosen = Annotated[str, Form(max_length=40)]
CHOOSE = [FormError("slot_id", "Choose a time")]
TOO_LONG = [FormError("adjustments", "Keep this under 2,000 characters")]


@router.get("")
async def own_interviews_page(request: Request, session: SessionDep, caller: Candidate, now: Now) -> Response:
    return await _own(request, session, caller, now)


@router.post("/book")
async def book_on_page(
    request: Request,
    session: SessionDep,
    caller: Candidate,
    now: Now,
    slot_id: Chosen = "",
    adjustments: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    try:
        wanted = BookingWrite.model_validate({"slot_id": slot_id, "adjustments": adjustments})
    except ValidationError as refused:
        wrong = {error["loc"][0] for error in refused.errors()}
        errors = [*(CHOOSE if "slot_id" in wrong else ()), *(TOO_LONG if "adjustments" in wrong else ())]
        return await _own(request, session, caller, now, errors, adjustments)
    assert caller.subject_id is not None
    booking = bookings.book_interview(session, caller.subject_id, wanted, caller=caller, now=now)
    return await _try(request, session, caller, now, booking, adjustments)


@router.post("/{booking_id}/move")
async def move_on_page(
    request: Request, booking_id: UUID, session: SessionDep, caller: Candidate, now: Now, slot_id: Chosen = ""
) -> Response:
    try:
        wanted = BookingMove.model_validate({"slot_id": slot_id})
    except ValidationError:
        await bookings.reach_booking(session, booking_id, caller)
        return await _own(request, session, caller, now, CHOOSE)
    moving = bookings.move_booking(session, booking_id, wanted.slot_id, caller=caller, now=now)
    return await _try(request, session, caller, now, moving)


@router.get("/{booking_id}/cancel")
async def ask_to_cancel(request: Request, booking_id: UUID, session: SessionDep, caller: Candidate) -> Response:
    await bookings.reach_booking(session, booking_id, caller)
    return ask_first(
        request,
        "Are you sure that you want to cancel your interview?",
        follows="Somebody else can take your time. You can book another one only while one is free.",
        button="Cancel my interview",
        back_href=OWN_PAGE,
    )


@router.post("/{booking_id}/cancel")
async def cancel_on_page(
    request: Request, booking_id: UUID, session: SessionDep, caller: Candidate, now: Now
) -> Response:
    reason = CancelReason.CANDIDATE_UNABLE
    return await _try(
        request, session, caller, now, bookings.cancel_booking(session, booking_id, reason, caller=caller, now=now)
    )


async def _try(
    request: Request, session: AsyncSession, caller: Principal, now: Now, doing: Awaitable[Any], typed: str = ""
) -> Response:
    """Where it is refused, the page says why, with what was typed and the times as they are now."""
    try:
        await doing
    except NotFound:
        raise
    except DomainError as refused:
        words = " ".join(each for each in (f"{refused.title}.", refused.next_step) if each)
        return await _own(request, session, caller, now, [FormError("slot_id", words)], typed)
    return RedirectResponse(OWN_PAGE, status_code=303)


async def _own(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    now: Now,
    errors: list[FormError] | None = None,
    typed: str = "",
) -> Response:
    own = await own_interviews(session, caller, now)
    return render(
        request,
        "interviews/own.html",
        status_code=422 if errors else 200,
        own=own,
        errors=errors or [],
        adjustments=typed or own.adjustments,
        back_href="/my-application",
    )
