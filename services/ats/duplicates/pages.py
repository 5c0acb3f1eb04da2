"""Suggestions on pages: a list, two people side by side, a last question, and the way back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import ApplicationNotFound
from services.ats.applications.reading import note_reads
from services.ats.applications.states import LABELS
from services.ats.audit.actor import Actor
from services.ats.duplicates import commands, queries
from services.ats.duplicates.callers import Decider
from services.ats.duplicates.commands import LinkUndone, OnePersonAlready, ToldApartAlready
from services.ats.duplicates.presenting import present_pair, present_person
from services.ats.duplicates.schemas import PersonLinkCreate
from services.ats.persons.states import REASON_LABELS, VERDICT_LABELS, LinkReason, LinkVerdict
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.registry import list_employers

router = APIRouter(prefix="/same-person", include_in_schema=False)
LIST = "/same-person"
REASONS = [(each.value, label) for each, label in REASON_LABELS.items()]
VERDICTS = [
    (LinkVerdict.ONE_PERSON.value, "One person", "Their applications count as one person's. You can take it back."),
    (LinkVerdict.TWO_PEOPLE.value, "Two people", "They are not suggested again, unless you take it back."),
]
WORDS = {"verdict": "Say whether they are one person", "reason": "Say how you know"}


class Answer(BaseModel):
    """The form as it came."""

    verdict: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=40)
    is_confirmed: str = Field(default="", max_length=5)

    def errors(self, *asked: str) -> list[FormError]:
        known = {"verdict": VERDICT_LABELS, "reason": REASON_LABELS}
        return [FormError(name, WORDS[name]) for name in asked if getattr(self, name) not in set(known[name])]


@router.get("")
async def same_person_page(
    request: Request, session: SessionDep, caller: Decider, page: PageQuery, now: Now
) -> Response:
    found = await queries.suggestions(session)
    links, cursor = await queries.search_links(session, page)
    shown = {each.application.id: each.application for pair in found.pairs for each in (pair.first, pair.second)}
    await note_reads(session, shown.values(), actor=Actor.of(caller), now=now)
    return render(
        request,
        "duplicates/list.html",
        pairs=[present_pair(each) for each in found.pairs],
        found=found.found,
        links=links,
        verdicts=VERDICT_LABELS,
        titles={each.id: each.title for each in await list_employers(session)},
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/decisions/{link_id}")
async def person_link_page(request: Request, link_id: UUID, session: SessionDep, _caller: Decider) -> Response:
    return await _decision(request, session, link_id, Answer())


@router.post("/decisions/{link_id}")
async def undo_person_link_on_page(
    request: Request, link_id: UUID, session: SessionDep, caller: Decider, now: Now, sent: Annotated[Answer, Form()]
) -> Response:
    if errors := sent.errors("reason"):
        return await _decision(request, session, link_id, sent, errors)
    try:
        await commands.take_back(session, link_id, LinkReason(sent.reason), actor=Actor.of(caller), now=now)
    except LinkUndone as refused:
        return await _decision(request, session, link_id, sent, [FormError("reason", refused.title)], status=409)
    return RedirectResponse(f"{LIST}/decisions/{link_id}", status_code=303)


async def the_two(first: UUID | None = None, second: UUID | None = None) -> tuple[UUID, UUID]:
    """Raises ApplicationNotFound where one is not named."""
    if first is None or second is None:
        raise ApplicationNotFound
    return first, second


Two = Annotated[tuple[UUID, UUID], Depends(the_two)]


@router.get("/compare")
async def compare_page(request: Request, caller: Decider, session: SessionDep, two: Two, now: Now) -> Response:
    return render(request, "duplicates/compare.html", **await _compared(session, two, caller, now))


@router.post("/compare")
async def decide_same_person_on_page(
    request: Request, caller: Decider, session: SessionDep, two: Two, now: Now, sent: Annotated[Answer, Form()]
) -> Response:
    """The first time it asks once more, and the second time it is done."""
    if errors := sent.errors("verdict", "reason"):
        shown = await _compared(session, two, caller, now, sent, errors)
        return render(request, "duplicates/compare.html", status_code=422, **shown)
    if not sent.is_confirmed:
        return render(request, "duplicates/confirm.html", **await _compared(session, two, caller, now, sent))
    wanted = PersonLinkCreate(
        application_ids=list(two), verdict=LinkVerdict(sent.verdict), reason=LinkReason(sent.reason)
    )
    try:
        link = await commands.decide(session, wanted, actor=Actor.of(caller), now=now)
    except (OnePersonAlready, ToldApartAlready) as refused:
        errors = [FormError("verdict", f"{refused.title}. Take that back first.")]
        shown = await _compared(session, two, caller, now, sent, errors)
        return render(request, "duplicates/compare.html", status_code=409, **shown)
    return RedirectResponse(f"{LIST}/decisions/{link.id}", status_code=303)


async def _compared(
    session: AsyncSession,
    ids: tuple[UUID, UUID],
    caller: Principal,
    now: Any,
    sent: Answer | None = None,
    errors: list[FormError] | None = None,
) -> dict[str, Any]:
    pair = await commands.compare(session, ids)
    await note_reads(session, [each.application for each in pair], actor=Actor.of(caller), now=now)
    first, second = (present_person(each) for each in pair)
    return {
        "first": first,
        "second": second,
        "here": f"{LIST}/compare?first={ids[0]}&second={ids[1]}",
        "stages": LABELS,
        "verdict_items": VERDICTS,
        "verdicts": VERDICT_LABELS,
        "reason_items": REASONS,
        "reasons": REASON_LABELS,
        "sent": sent or Answer(),
        "errors": errors or [],
        "breadcrumbs": [Crumb("Same person?", LIST), Crumb("Compare")],
    }


async def _decision(
    request: Request,
    session: AsyncSession,
    link_id: UUID,
    sent: Answer,
    errors: list[FormError] | None = None,
    status: int = 422,
) -> Response:
    link = await queries.get_link(session, link_id)
    return render(
        request,
        "duplicates/decision.html",
        status_code=status if errors else 200,
        link=link,
        twins=await queries.twins_of(session, link),
        verdicts=VERDICT_LABELS,
        reasons=REASON_LABELS,
        reason_items=REASONS,
        sent=sent,
        errors=errors or [],
        breadcrumbs=[Crumb("Same person?", LIST), Crumb("Decision")],
    )
