"""A displaced employee's own pages, by the session that their link opens. They work without JavaScript."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.clearing.audit.actors import Actor
from services.clearing.matching import queries as matching
from services.clearing.matching.commands import decline_match
from services.clearing.matching.queries import MatchFilter
from services.clearing.matching.schemas import read_match
from services.clearing.referrals import commands, queries, replies
from services.clearing.referrals.labels import MATCH_LABELS, OFFER_LABELS, REFERRAL_LABELS, REFERRAL_TONES
from services.clearing.referrals.rules import LIVE_STATES
from services.clearing.referrals.states import OfferState
from services.clearing.registrations.callers import Person
from services.clearing.registrations.labels import STATE_LABELS, STATE_TONES
from services.clearing.registrations.queries import get_registration
from services.clearing.registrations.rules import state_for_person
from services.clearing.vacancy_mirror.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.pages import ask_first, render
from shared.pagination import PageQuery

router = APIRouter(prefix="/my", include_in_schema=False)


@router.get("")
async def my_page(request: Request, session: SessionDep, caller: Person, page: PageQuery) -> Response:
    assert caller.subject_id is not None
    registration = await get_registration(session, caller.subject_id)
    state = state_for_person(registration.state)
    matches, cursor = await matching.search_matches(session, MatchFilter(registration_id=registration.id), page)
    region = await matching.load_region(session)
    return render(
        request,
        "referrals/my.html",
        registration=registration,
        label=STATE_LABELS[state],
        tone=STATE_TONES.get(state),
        matches=matches,
        match_labels=MATCH_LABELS,
        employer_of={each.id: region.title_of(each.vacancy.employer_id) for each in matches},
        referrals=await queries.referrals_of(session, registration.id),
        referral_labels=REFERRAL_LABELS,
        referral_tones=REFERRAL_TONES,
        live_states=LIVE_STATES,
        offers=await queries.offers_of(session, registration.id),
        offer_labels=OFFER_LABELS,
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/matches/{match_id}")
async def my_match_page(request: Request, match_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    """The job, and why it was suggested, in full (R51)."""
    found = read_match(await matching.get_match(session, match_id), now)
    region = await matching.load_region(session)
    return render(
        request,
        "referrals/my_match.html",
        match=found,
        employer=region.title_of(found.vacancy.employer_id),
        label=MATCH_LABELS[found.state],
        is_mine=caller.subject_id == found.registration_id,
        back_href="/my",
    )


@router.post("/matches/{match_id}/interest")
async def be_interested_on_page(match_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    await commands.express_interest(session, match_id, by=Actor.of(caller), now=now)
    return _back()


@router.post("/matches/{match_id}/decline")
async def decline_on_page(match_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    await decline_match(session, match_id, by=Actor.of(caller), now=now)
    return _back()


@router.get("/referrals/{referral_id}/withdraw")
async def ask_to_withdraw(request: Request, referral_id: UUID, session: SessionDep, caller: Person) -> Response:
    referral = await queries.get_referral_for(session, referral_id, caller)
    return ask_first(
        request,
        "Are you sure that you want to withdraw?",
        follows=f"You are no longer a candidate for the job of {referral.vacancy_title}. This has no other consequences"
        " for you, and you cannot undo it.",
        button="Withdraw",
        back_href="/my",
    )


@router.post("/referrals/{referral_id}/withdraw")
async def withdraw_on_page(referral_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    await commands.withdraw_interest(session, referral_id, by=Actor.of(caller), now=now)
    return _back()


@router.get("/offers/{offer_id}")
async def my_offer_page(request: Request, offer_id: UUID, session: SessionDep, _: Person, now: Now) -> Response:
    offer = await queries.get_offer(session, offer_id)
    region = await matching.load_region(session)
    return render(
        request,
        "referrals/my_offer.html",
        offer=offer,
        vacancy=await get_vacancy(session, offer.vacancy_id),
        employer=region.title_of(offer.gaining_employer_id),
        label=OFFER_LABELS[offer.state],
        may_answer=offer.state is OfferState.OFFERED and now <= offer.reply_by,
        back_href="/my",
    )


@router.post("/offers/{offer_id}/accept")
async def accept_on_page(offer_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    await replies.accept_offer(session, offer_id, by=Actor.of(caller), now=now)
    return _back()


@router.post("/offers/{offer_id}/refuse")
async def refuse_on_page(
    offer_id: UUID,
    session: SessionDep,
    caller: Person,
    now: Now,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    await replies.refuse_offer(session, offer_id, reason.strip() or None, by=Actor.of(caller), now=now)
    return _back()


def _back() -> Response:
    return RedirectResponse("/my", status_code=303)
