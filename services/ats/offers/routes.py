from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.ats.applications.permitted import MANAGERS
from services.ats.applications.queries import get_application
from services.ats.applications.routes import Manager, Reader, answer
from services.ats.applications.schemas import ApplicationRead
from services.ats.audit.actor import Actor
from services.ats.offers import commands, making, queries
from services.ats.offers.callers import Approver
from services.ats.offers.models import Offer
from services.ats.offers.own import own_application
from services.ats.offers.schemas import ClearedToStart, OfferMake, OfferRead, OwnApplication
from services.ats.vacancies.routes import MOVE_PROBLEMS
from services.ats.vacancies.schemas import Reason
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_decision, allow_link
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["offers"], route_class=IdempotentRoute)
ManagerOrCandidate = Annotated[
    Principal, Depends(allow_decision(*sorted(MANAGERS), scope=Scope.APPLICATIONS_WRITE, link="candidate"))
]
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]


@router.post(
    "/applications/{application_id}/offers",
    summary="Make an offer, or a changed one in its place; it holds an opening",
    status_code=201,
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
)
async def make_offer(
    application_id: UUID,
    terms: OfferMake,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> Offer:
    offer = await making.make_offer(session, application_id, terms, actor=Actor.of(caller), expected=expected, now=now)
    response.headers["ETag"] = etag_of(offer.version)
    return offer


@router.get(
    "/applications/{application_id}/offers",
    summary="List the offers made to a candidate",
    response_model=list[OfferRead],
    responses=problems(404),
)
async def list_offers(application_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[Offer]:
    await get_application(session, application_id)
    return await queries.offers_of(session, application_id)


@router.post(
    "/offers/{offer_id}/approve",
    summary="Let an offer with pay outside the grade go out",
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
)
async def approve_offer(offer_id: UUID, session: SessionDep, caller: Approver, now: Now, expected: IfMatch) -> Offer:
    return await making.approve_offer(session, offer_id, caller=caller, expected=expected, now=now)


@router.post(
    "/offers/{offer_id}/refuse",
    summary="Do not let an offer with pay outside the grade go out",
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
)
async def refuse_offer(
    offer_id: UUID, why: Reason, session: SessionDep, caller: Approver, now: Now, expected: IfMatch
) -> Offer:
    return await making.refuse_offer(session, offer_id, reason=why.reason, caller=caller, expected=expected, now=now)


@router.post(
    "/offers/{offer_id}/accept",
    summary="Accept an offer, or record that the candidate did",
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
)
async def accept_offer(
    offer_id: UUID, session: SessionDep, caller: ManagerOrCandidate, now: Now, expected: IfMatch
) -> Offer:
    return await commands.accept_offer(session, offer_id, caller=caller, expected=expected, now=now)


@router.post(
    "/offers/{offer_id}/decline",
    summary="Decline an offer, or record that the candidate did",
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
)
async def decline_offer(
    offer_id: UUID, session: SessionDep, caller: ManagerOrCandidate, now: Now, expected: IfMatch
) -> Offer:
    return await commands.decline_offer(session, offer_id, caller=caller, expected=expected, now=now)


@router.post(
    "/offers/{offer_id}/withdraw",
    summary="Withdraw an offer, accepted or not",
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
)
async def withdraw_offer(
    offer_id: UUID, why: Reason, session: SessionDep, caller: Manager, now: Now, expected: IfMatch
) -> Offer:
    return await commands.withdraw_offer(
        session, offer_id, reason=why.reason, caller=caller, expected=expected, now=now
    )


@router.post(
    "/applications/{application_id}/withdraw",
    summary="Withdraw an application, by the candidate or at their request",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def withdraw_application(
    application_id: UUID,
    session: SessionDep,
    caller: ManagerOrCandidate,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    application = await commands.withdraw_application(
        session, application_id, caller=caller, expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/applications/{application_id}/clear",
    summary="Record that every check is done and the start agreed",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def clear_candidate(
    application_id: UUID,
    agreed: ClearedToStart,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    application = await commands.clear_candidate(
        session, application_id, starts_on=agreed.starts_on, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.get(
    "/my/application",
    summary="Read one's own application behind a signed link",
    response_model=OwnApplication,
    responses=problems(404),
)
async def get_own_application(session: SessionDep, caller: Candidate) -> OwnApplication:
    return await own_application(session, caller)
