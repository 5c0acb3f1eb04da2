from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.clearing.audit.actors import Actor
from services.clearing.audit.commands import note_reads
from services.clearing.audit.models import Subject
from services.clearing.referrals import commands, offers, outcomes, queries
from services.clearing.referrals.callers import Gaining, Reader
from services.clearing.referrals.models import Offer
from services.clearing.referrals.queries import ReferralFilter
from services.clearing.referrals.schemas import (
    InterviewOffer,
    NotShortlisted,
    OfferRead,
    OfferTerms,
    ReferralDetail,
    ReferralRead,
    WrittenReasons,
    read_referral,
)
from services.clearing.registrations.callers import Hr
from shared.app import Now, SessionDep
from shared.etag import IfMatch, etag_of, refuse_stale
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=IdempotentRoute)
MOVE_PROBLEMS = problems(404, 409, 412)


async def refuse_stale_referral(referral_id: UUID, session: SessionDep, expected: IfMatch) -> None:
    """`If-Match` on a verb: 412 where somebody has changed the referral meanwhile."""
    if expected is not None:
        refuse_stale(expected, (await queries.get_referral(session, referral_id, lock=True)).version)


FRESH = [Depends(refuse_stale_referral)]


@router.get(
    "",
    summary="List referrals from and to one's own council, newest first",
    response_model=Page[ReferralRead],
    responses=problems(400),
)
async def list_referrals(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[ReferralFilter, Query()], now: Now
) -> dict[str, object]:
    found, cursor = await queries.search_referrals(session, wanted, page, caller)
    await note_reads(session, Subject.REFERRAL, found, caller, now=now)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/{referral_id}",
    summary="Open a referral: nobody decides on one that they have not opened (a client names them in On-Behalf-Of)",
    response_model=ReferralDetail,
    responses=problems(404),
)
async def get_referral(
    referral_id: UUID, session: SessionDep, caller: Reader, now: Now, response: Response
) -> ReferralDetail:
    referral = await queries.get_referral_for(session, referral_id, caller)
    if caller.staff_id is not None:
        await queries.note_opened(session, referral, caller.staff_id, now)
    await note_reads(session, Subject.REFERRAL, [referral], caller, now=now)
    response.headers["ETag"] = etag_of(referral.version)
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/refer",
    summary="Refer the person to the gaining council: the home council's HR",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def refer(referral_id: UUID, session: SessionDep, caller: Hr, now: Now) -> ReferralDetail:
    referral = await commands.refer(session, referral_id, by=Actor.of(caller), now=now)
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/not-refer",
    summary="Do not refer, with a reason that the person is told: the home council's HR",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def decline_to_refer(
    referral_id: UUID, given: WrittenReasons, session: SessionDep, caller: Hr, now: Now
) -> ReferralDetail:
    referral = await commands.decline_to_refer(session, referral_id, given.reasons, by=Actor.of(caller), now=now)
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/not-shortlist",
    summary="Do not shortlist, naming the essential criteria that are not met: the gaining council",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def decline_to_shortlist(
    referral_id: UUID, given: NotShortlisted, session: SessionDep, caller: Gaining, now: Now
) -> ReferralDetail:
    referral = await outcomes.decline_to_shortlist(
        session,
        referral_id,
        unmet_criteria=given.unmet_criteria,
        reasons=given.reasons,
        by=Actor.of(caller),
        now=now,
    )
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/wait",
    summary="Keep somebody waiting where more are interested than can be seen: the gaining council",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def keep_waiting(referral_id: UUID, session: SessionDep, caller: Gaining, now: Now) -> ReferralDetail:
    referral = await outcomes.keep_waiting(session, referral_id, by=Actor.of(caller), now=now)
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/offer-interview",
    summary="Offer an interview: the gaining council",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def offer_interview(
    referral_id: UUID, given: InterviewOffer, session: SessionDep, caller: Gaining, now: Now
) -> ReferralDetail:
    referral = await outcomes.offer_interview(
        session, referral_id, interview_at=given.interview_at, by=Actor.of(caller), now=now
    )
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/interviewed",
    summary="Record that the interview took place: the gaining council",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def record_interview(referral_id: UUID, session: SessionDep, caller: Gaining, now: Now) -> ReferralDetail:
    referral = await outcomes.record_interview(session, referral_id, by=Actor.of(caller), now=now)
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/not-appoint",
    summary="Do not appoint, with written reasons to the person: the gaining council",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def decline_to_appoint(
    referral_id: UUID, given: WrittenReasons, session: SessionDep, caller: Gaining, now: Now
) -> ReferralDetail:
    referral = await outcomes.decline_to_appoint(session, referral_id, given.reasons, by=Actor.of(caller), now=now)
    return read_referral(referral, caller)


@router.post(
    "/{referral_id}/request-offer",
    summary="Ask for an opening; the offer reaches the person once one is held: the gaining council",
    status_code=202,
    response_model=OfferRead,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def request_offer(referral_id: UUID, terms: OfferTerms, session: SessionDep, caller: Gaining, now: Now) -> Offer:
    return await offers.request_offer(session, referral_id, terms, by=Actor.of(caller), now=now)


@router.post(
    "/{referral_id}/withdraw-offer",
    summary="Withdraw an offer that is not answered yet: the gaining council",
    response_model=ReferralDetail,
    responses=MOVE_PROBLEMS,
    dependencies=FRESH,
)
async def withdraw_offer(
    referral_id: UUID, given: WrittenReasons, session: SessionDep, caller: Gaining, now: Now
) -> ReferralDetail:
    referral = await offers.withdraw_offer(session, referral_id, given.reasons, by=Actor.of(caller), now=now)
    return read_referral(referral, caller)
