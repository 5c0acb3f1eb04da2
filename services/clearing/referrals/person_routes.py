"""What a displaced employee does, by the session that their link opens; and how anybody leaves the register."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from services.clearing.audit.actors import Actor
from services.clearing.referrals import commands, departures, queries, replies
from services.clearing.referrals.models import Offer, Referral
from services.clearing.referrals.queries import ReferralFilter
from services.clearing.referrals.schemas import MyReferral, OfferRead, Refusal
from services.clearing.registrations.callers import Hr, Person
from services.clearing.registrations.schemas import Closing, RegistrationRead, read_registration
from services.clearing.registrations.states import ClosingReason
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["my redeployment"], route_class=IdempotentRoute)


@router.post(
    "/me/matches/{match_id}/interest",
    summary="Say that I am interested: both councils may then know who I am",
    status_code=201,
    response_model=MyReferral,
    responses=problems(404, 409),
)
async def express_interest(match_id: UUID, session: SessionDep, caller: Person, now: Now) -> Referral:
    return await commands.express_interest(session, match_id, by=Actor.of(caller), now=now)


@router.get(
    "/me/referrals",
    summary="List what became of my interests",
    response_model=Page[MyReferral],
    responses=problems(400),
)
async def list_my_referrals(session: SessionDep, caller: Person, page: PageQuery) -> dict[str, object]:
    mine = ReferralFilter(registration_id=caller.subject_id)
    found, cursor = await queries.search_referrals(session, mine, page, caller)
    return {"items": found, "next_cursor": cursor}


@router.post(
    "/me/referrals/{referral_id}/withdraw",
    summary="Withdraw an interest, without consequences",
    response_model=MyReferral,
    responses=problems(404, 409),
)
async def withdraw_interest(referral_id: UUID, session: SessionDep, caller: Person, now: Now) -> Referral:
    return await commands.withdraw_interest(session, referral_id, by=Actor.of(caller), now=now)


@router.get("/me/offers", summary="List offers made to me", response_model=list[OfferRead], responses=problems())
async def list_my_offers(session: SessionDep, caller: Person) -> Sequence[Offer]:
    assert caller.subject_id is not None
    return await queries.offers_of(session, caller.subject_id)


@router.post(
    "/me/offers/{offer_id}/accept",
    summary="Accept an offer: my other interests end",
    response_model=OfferRead,
    responses=problems(404, 409),
)
async def accept_offer(offer_id: UUID, session: SessionDep, caller: Person, now: Now) -> Offer:
    return await replies.accept_offer(session, offer_id, by=Actor.of(caller), now=now)


@router.post(
    "/me/offers/{offer_id}/refuse",
    summary="Refuse an offer: what follows is for my council's HR to decide",
    response_model=OfferRead,
    responses=problems(404, 409),
)
async def refuse_offer(
    offer_id: UUID, session: SessionDep, caller: Person, now: Now, refusal: Refusal | None = None
) -> Offer:
    reason = None if refusal is None else refusal.reason
    return await replies.refuse_offer(session, offer_id, reason, by=Actor.of(caller), now=now)


@router.post(
    "/me/registration/withdraw",
    summary="Leave the register",
    response_model=RegistrationRead,
    responses=problems(404, 409),
)
async def withdraw_registration(session: SessionDep, caller: Person, now: Now) -> RegistrationRead:
    assert caller.subject_id is not None
    registration = await departures.leave_register(
        session, caller.subject_id, ClosingReason.WITHDRAWN, by=Actor.of(caller), now=now
    )
    return read_registration(registration, for_person=True)


@router.post(
    "/registrations/{registration_id}/close",
    summary="Close a registration for a reason of R45: the home council's HR",
    response_model=RegistrationRead,
    responses=problems(404, 409),
)
async def close_registration(
    registration_id: UUID, closing: Closing, session: SessionDep, caller: Hr, now: Now
) -> RegistrationRead:
    registration = await departures.leave_register(
        session, registration_id, closing.reason, by=Actor.of(caller), now=now
    )
    return read_registration(registration)
