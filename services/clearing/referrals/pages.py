"""Pages on which councils look at referrals: the home council's HR decides here whether to refer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.commands import note_reads
from services.clearing.audit.models import Subject
from services.clearing.referrals import commands, queries
from services.clearing.referrals.callers import Reader
from services.clearing.referrals.labels import REFERRAL_LABELS, REFERRAL_TONES
from services.clearing.referrals.profile import profile_in_words
from services.clearing.referrals.queries import ReferralFilter
from services.clearing.referrals.schemas import read_referral
from services.clearing.referrals.states import ReferralState
from services.clearing.registrations.callers import Hr
from services.clearing.vacancy_mirror.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.registry import list_employers

router = APIRouter(prefix="/referrals", include_in_schema=False)


@router.get("")
async def referrals_page(
    request: Request,
    session: SessionDep,
    caller: Reader,
    page: PageQuery,
    now: Now,
    state: Annotated[str, Query()] = "",
) -> Response:
    chosen = ReferralState(state) if state in set(ReferralState) else None
    found, cursor = await queries.search_referrals(session, ReferralFilter(state=chosen), page, caller)
    await note_reads(session, Subject.REFERRAL, found, caller, now=now)
    return render(
        request,
        "referrals/list.html",
        referrals=found,
        employer_titles={each.id: each.title for each in await list_employers(session)},
        labels=REFERRAL_LABELS,
        tones=REFERRAL_TONES,
        state=state,
        state_items=[(each.value, REFERRAL_LABELS[each]) for each in ReferralState],
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/{referral_id}")
async def referral_page(request: Request, referral_id: UUID, session: SessionDep, caller: Reader, now: Now) -> Response:
    referral = await queries.get_referral_for(session, referral_id, caller)
    if caller.staff_id is not None:
        await queries.note_opened(session, referral, caller.staff_id, now)
    await note_reads(session, Subject.REFERRAL, [referral], caller, now=now)
    return await _referral(request, referral_id, session, caller)


@router.post("/{referral_id}/refer")
async def refer_on_page(referral_id: UUID, session: SessionDep, caller: Hr, now: Now) -> Response:
    await commands.refer(session, referral_id, by=Actor.of(caller), now=now)
    return RedirectResponse(f"/referrals/{referral_id}", status_code=303)


@router.post("/{referral_id}/not-refer")
async def decline_to_refer_on_page(
    request: Request,
    referral_id: UUID,
    session: SessionDep,
    caller: Hr,
    now: Now,
    reasons: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    if not reasons.strip():
        errors = [FormError("reasons", "Say why: the person is told")]
        return await _referral(request, referral_id, session, caller, errors)
    await commands.decline_to_refer(session, referral_id, reasons.strip(), by=Actor.of(caller), now=now)
    return RedirectResponse(f"/referrals/{referral_id}", status_code=303)


async def _referral(
    request: Request,
    referral_id: UUID,
    session: AsyncSession,
    caller: Principal,
    errors: list[FormError] | None = None,
) -> Response:
    referral = await queries.get_referral_for(session, referral_id, caller)
    found = read_referral(referral, caller)
    return render(
        request,
        "referrals/referral.html",
        status_code=422 if errors else 200,
        referral=found,
        vacancy=await get_vacancy(session, found.vacancy_id),
        profile=profile_in_words(found.profile).splitlines(),
        employer_titles={each.id: each.title for each in await list_employers(session)},
        label=REFERRAL_LABELS[found.state],
        tone=REFERRAL_TONES.get(found.state),
        errors=errors or [],
        breadcrumbs=[Crumb("Referrals", "/referrals"), Crumb(found.name)],
    )
