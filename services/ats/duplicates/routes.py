from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.reading import note_reads
from services.ats.audit.actor import Actor
from services.ats.duplicates import commands, queries
from services.ats.duplicates.callers import Decider, Reader
from services.ats.duplicates.presenting import present_pair
from services.ats.duplicates.schemas import (
    PersonLinkCreate,
    PersonLinkRead,
    PersonLinkUndo,
    PersonLinkWithTwins,
    SuggestionsRead,
)
from services.ats.persons.models import PersonLink
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)


async def with_twins(session: AsyncSession, link: PersonLink) -> PersonLinkWithTwins:
    read = PersonLinkRead.model_validate(link)
    return PersonLinkWithTwins(**read.model_dump(), live_for_one_vacancy=await queries.twins_of(session, link))


@router.get(
    "/duplicate-people",
    summary="Suggest people who may have applied under several addresses",
    description=(
        "With reasons in words. Each employer's own candidates alone, and of them those who are shown already: until"
        " its shortlist, nothing of an anonymised vacancy's. Nothing is ever merged without somebody's decision."
    ),
    response_model=SuggestionsRead,
    responses=problems(),
)
async def list_duplicate_people(session: SessionDep, caller: Reader, now: Now) -> SuggestionsRead:
    found = await queries.suggestions(session)
    shown = {each.application.id: each.application for pair in found.pairs for each in (pair.first, pair.second)}
    await note_reads(session, shown.values(), actor=Actor.of(caller), now=now)
    return SuggestionsRead(
        items=[present_pair(each) for each in found.pairs], found=found.found, compared=found.compared
    )


@router.get(
    "/person-links",
    summary="List what was decided of people who may be one, newest first",
    response_model=Page[PersonLinkRead],
    responses=problems(400),
)
async def list_person_links(session: SessionDep, _caller: Reader, page: PageQuery) -> Page[PersonLinkRead]:
    found, cursor = await queries.search_links(session, page)
    return Page[PersonLinkRead](items=[PersonLinkRead.model_validate(each) for each in found], next_cursor=cursor)


@router.post(
    "/person-links",
    summary="Say that the people behind two applications are one person, or two",
    description=(
        "Nothing of the applications changes: who is one person is worked out from these decisions, and taking one back"
        " undoes it exactly. Live applications of one person for one vacancy are named, and left as they are."
    ),
    status_code=201,
    response_model=PersonLinkWithTwins,
    responses=problems(404, 409),
)
async def create_person_link(
    wanted: PersonLinkCreate, session: SessionDep, caller: Decider, now: Now
) -> PersonLinkWithTwins:
    return await with_twins(session, await commands.decide(session, wanted, actor=Actor.of(caller), now=now))


@router.get(
    "/person-links/{link_id}",
    summary="Read one decision",
    response_model=PersonLinkWithTwins,
    responses=problems(404),
)
async def get_person_link(link_id: UUID, session: SessionDep, _caller: Reader) -> PersonLinkWithTwins:
    return await with_twins(session, await queries.get_link(session, link_id))


@router.post(
    "/person-links/{link_id}/undo",
    summary="Take a decision back: all is as it was before it",
    response_model=PersonLinkRead,
    responses=problems(404, 409),
)
async def undo_person_link(
    link_id: UUID, wanted: PersonLinkUndo, session: SessionDep, caller: Decider, now: Now
) -> PersonLink:
    return await commands.take_back(session, link_id, wanted.reason, actor=Actor.of(caller), now=now)
