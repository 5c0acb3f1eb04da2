from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.feeds.catalogue import FEEDS, first_reasons, get_feed
from services.ats.jobs.feeds.keeping import shelf_of
from shared.addresses import public_url
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.pagination import Page, PageQuery, paginate
from shared.problems import problems
from shared.registry import get_employer_by_code
from shared.vocabulary import Service

router = APIRouter(prefix="/v1/feeds", tags=["jobs"])
root_router = APIRouter(include_in_schema=False, dependencies=[allow_anyone()])
EmployerCode = Annotated[str | None, Query(max_length=10, description="Code of one employer; without it, all of them")]
IfNoneMatch = Annotated[str | None, Header(description="The ETag last read: 304 when nothing changed")]


# Search engines find the adverts, and nothing that belongs to the staff or to one person.
PUBLIC_PAGES = ("/jobs", "/careers", "/static/", "/sitemap.xml")


class LeftOut(BaseModel):
    """An advert that a feed does not carry, and what would mend it."""

    id: UUID
    reference: str
    employer_code: str
    reason: str
    detail: str


class FeedRead(BaseModel):
    name: str
    url: str
    media_type: str


class FeedList(BaseModel):
    items: list[FeedRead]


@router.get(
    "",
    summary="List the feeds",
    response_model=FeedList,
    responses=problems(),
    dependencies=[allow_anyone()],
)
async def read_feeds() -> FeedList:
    return FeedList(
        items=[FeedRead(name=name, url=f"/v1/feeds/{name}", media_type=feed.media_type) for name, feed in FEEDS.items()]
    )


@router.get(
    "/{name}",
    summary="Read a feed",
    description="The whole of it, as it is now; what is no longer in it is over.",
    response_class=StreamingResponse,
    responses=problems(404)
    | {
        200: {"description": "The feed", "content": {"application/xml": {}, "application/json": {}}},
        304: {"description": "Nothing changed since your ETag"},
    },
    dependencies=[allow_anyone()],
)
async def read_feed(
    request: Request,
    name: str,
    session: SessionDep,
    now: Now,
    employer: EmployerCode = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    feed = get_feed(name)
    written = await shelf_of(request.app).get(session, feed, await _listed(session, employer), now=now)
    headers = {"ETag": written.etag, "Cache-Control": "public, max-age=0, must-revalidate"}
    if if_none_match is not None and written.etag in {each.strip() for each in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(written.size)
    return StreamingResponse(written.chunks(), media_type=feed.media_type, headers=headers)


@router.get(
    "/{name}/left-out",
    summary="List what a feed leaves out, and why",
    description="It names live adverts alone.",
    response_model=Page[LeftOut],
    responses=problems(400, 404),
    dependencies=[allow_anyone()],
)
async def read_left_out(
    name: str, session: SessionDep, page: PageQuery, now: Now, employer: EmployerCode = None
) -> Page[LeftOut]:
    feed = get_feed(name)
    order = (feed.table.published_at, feed.table.id)
    found, cursor = await paginate(session, feed.left_out(await _listed(session, employer), now=now), page, order=order)
    reasons = await first_reasons(session, feed, [job.id for job in found])
    items = [
        LeftOut(
            id=job.id,
            reference=job.reference,
            employer_code=job.employer_code,
            reason=reasons[job.id].code,
            detail=reasons[job.id].words,
        )
        for job in found
    ]
    return Page(items=items, next_cursor=cursor)


async def _listed(session: AsyncSession, employer: str | None) -> str | None:
    """Raises EmployerUnknown: an empty feed would say that all its adverts are over."""
    return (await get_employer_by_code(session, employer)).code if employer else None


@root_router.get("/sitemap.xml")
async def sitemap(
    request: Request, session: SessionDep, now: Now, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    return await read_feed(request, "sitemap.xml", session, now, None, if_none_match)


@root_router.get("/robots.txt")
async def robots() -> Response:
    allowed = (f"Allow: {path}" for path in PUBLIC_PAGES)
    lines = ("User-agent: *", *allowed, "Disallow: /", "", f"Sitemap: {public_url(Service.ATS)}/sitemap.xml", "")
    return PlainTextResponse("\n".join(lines), headers={"Cache-Control": "public, max-age=3600"})
