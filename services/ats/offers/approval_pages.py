"""An approver looks at an offer with pay outside the grade, and decides."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.offers import making, queries, rules
from services.ats.offers.callers import Approver
from services.ats.offers.models import OfferState
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.errors import DomainError
from shared.pages import Crumb, FormError, render

router = APIRouter(prefix="/offers", include_in_schema=False)


@router.get("/{offer_id}")
async def offer_approval_page(request: Request, offer_id: UUID, session: SessionDep, caller: Approver) -> Response:
    return await _offer(request, offer_id, session, caller)


@router.post("/{offer_id}/approve")
async def approve_offer_on_page(
    request: Request, offer_id: UUID, session: SessionDep, caller: Approver, now: Now
) -> Response:
    try:
        await making.approve_offer(session, offer_id, caller=caller, expected=None, now=now)
    except (rules.ReplyByPassed, rules.StartInThePast) as refused:
        return await _offer(request, offer_id, session, caller, _said(refused))
    return RedirectResponse(f"/offers/{offer_id}", status_code=303)


@router.post("/{offer_id}/refuse")
async def refuse_offer_on_page(
    request: Request,
    offer_id: UUID,
    session: SessionDep,
    caller: Approver,
    now: Now,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    if len(reason.strip()) < 3:
        errors = [FormError("reason", "Say why, so that the recruiter can put it right")]
        return await _offer(request, offer_id, session, caller, errors)
    await making.refuse_offer(session, offer_id, reason=reason.strip(), caller=caller, expected=None, now=now)
    return RedirectResponse(f"/offers/{offer_id}", status_code=303)


def _said(refused: DomainError) -> list[FormError]:
    return [FormError("reason", f"{refused.title}: refuse it, so that a new one is made.")]


async def _offer(
    request: Request, offer_id: UUID, session: AsyncSession, caller: Principal, errors: list[FormError] | None = None
) -> Response:
    offer = await queries.get_offer(session, offer_id)
    vacancy = await get_vacancy(session, offer.vacancy_id)
    lowest, highest = rules.pay_limits(vacancy)
    is_waiting = offer.state is OfferState.APPROVAL_PENDING
    return render(
        request,
        "offers/approval.html",
        status_code=422 if errors else 200,
        offer=offer,
        vacancy=vacancy,
        lowest=lowest,
        highest=highest,
        may_decide=is_waiting and offer.made_by != caller.staff_id,
        is_own=is_waiting and offer.made_by == caller.staff_id,
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Offer"),
        ],
    )
