"""Feeds of a council's systems that will only be polled: set up, tried, paused, looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.ats.establishment.commands import employer_of
from services.ats.polled_feeds import commands, queries
from services.ats.polled_feeds.models import FeedRun, PolledFeed
from services.ats.polled_feeds.pulling import try_feed
from services.ats.polled_feeds.schemas import FeedRead, FeedSettings, FeedWrite, RunRead, RunReport, TryReport
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.database import transaction
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.outward import Reach
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["polled feeds"], route_class=IdempotentRoute)
trying_router = APIRouter(prefix="/v1", tags=["polled feeds"])
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Administrator = Annotated[
    Principal, Depends(allow_decision(Role.COUNCIL_ADMIN, Role.WME_ADMIN, scope=Scope.VACANCIES_WRITE))
]


async def _reach(request: Request) -> Reach:
    return Reach.of(request.state.settings)


Reaching = Annotated[Reach, Depends(_reach)]


@router.post(
    "/employers/{code}/polled-feeds",
    summary="Have a feed of your system read on time",
    status_code=201,
    response_model=FeedRead,
    responses=problems(404, 409),
)
async def add_polled_feed(
    code: str,
    wanted: FeedWrite,
    session: SessionDep,
    caller: Administrator,
    reach: Reaching,
    now: Now,
    response: Response,
) -> FeedRead:
    """Each row becomes a draft under its own reference, or changes one, as a PUT of it would; its approval is given
    here, or taken from the row where the mapping has `attestation.*` and the caller may attest. What two good reads in
    a row no longer show is unpublished; where more than half is missing at once, somebody has to confirm it first.
    """
    employer = await employer_of(session, code, caller)
    feed = await commands.add_feed(session, employer, wanted, caller=caller, reach=reach, now=now)
    response.headers["Location"] = f"/v1/polled-feeds/{feed.id}"
    return _shown(feed, response)


@router.get(
    "/employers/{code}/polled-feeds",
    summary="List the feeds of an employer, and which of them need somebody",
    response_model=list[FeedRead],
    responses=problems(404),
)
async def list_polled_feeds(code: str, session: SessionDep, caller: Administrator) -> list[FeedRead]:
    return await queries.list_feeds(session, (await employer_of(session, code, caller)).id)


@router.get(
    "/polled-feeds/{feed_id}", summary="Read how a feed is set up", response_model=FeedRead, responses=problems(404)
)
async def get_polled_feed(feed_id: UUID, session: SessionDep, _caller: Administrator, response: Response) -> FeedRead:
    return _shown(await queries.get_feed(session, feed_id), response)


@router.put(
    "/polled-feeds/{feed_id}",
    summary="Change where a feed is and what its rows mean",
    response_model=FeedRead,
    responses=problems(404, 409, 412),
)
async def change_polled_feed(
    feed_id: UUID,
    wanted: FeedSettings,
    session: SessionDep,
    caller: Administrator,
    reach: Reaching,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> FeedRead:
    feed = await commands.change_feed(session, feed_id, wanted, caller=caller, expected=expected, reach=reach, now=now)
    return _shown(feed, response)


@router.post(
    "/polled-feeds/{feed_id}/pause",
    summary="Stop reading a feed: what it brought stays as it is",
    response_model=FeedRead,
    responses=problems(404, 409),
)
async def pause_polled_feed(
    feed_id: UUID, session: SessionDep, caller: Administrator, now: Now, response: Response
) -> FeedRead:
    return _shown(await commands.pause_feed(session, feed_id, caller=caller, now=now), response)


@router.post(
    "/polled-feeds/{feed_id}/resume",
    summary="Read a paused feed again, at once",
    response_model=FeedRead,
    responses=problems(404, 409),
)
async def resume_polled_feed(
    feed_id: UUID, session: SessionDep, caller: Administrator, now: Now, response: Response
) -> FeedRead:
    return _shown(await commands.resume_feed(session, feed_id, caller=caller, now=now), response)


@trying_router.post(
    "/polled-feeds/{feed_id}/try",
    summary="Read a feed once and show, row by row, what a read would do",
    response_model=TryReport,
    responses=problems(404),
)
async def try_polled_feed(
    feed_id: UUID, request: Request, caller: Administrator, reach: Reaching, now: Now
) -> TryReport:
    """Nothing is stored. A paused feed can be tried too."""
    sessions = request.state.sessions
    # Its server is waited for outside any transaction.
    async with transaction(sessions, caller.tenancy) as session:
        feed = await queries.get_feed(session, feed_id)
    return await try_feed(sessions, feed, reach, now=now)


@router.get(
    "/polled-feeds/{feed_id}/runs",
    summary="List the last reads of a feed, newest first",
    response_model=list[RunRead],
    responses=problems(404),
)
async def list_feed_runs(feed_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[FeedRun]:
    return await queries.list_runs(session, feed_id)


@router.get(
    "/polled-feed-runs/{run_id}",
    summary="Read what became of each row of one read",
    response_model=RunReport,
    responses=problems(404),
)
async def get_feed_run(run_id: UUID, session: SessionDep, _caller: Reader) -> FeedRun:
    return await queries.get_run(session, run_id)


@router.post(
    "/polled-feed-runs/{run_id}/confirm-absences",
    summary="Confirm that what a held read missed has really left the feed",
    response_model=RunReport,
    responses=problems(404, 409),
)
async def confirm_feed_absences(run_id: UUID, session: SessionDep, caller: Administrator, now: Now) -> FeedRun:
    """The next good read unpublishes what is missing still."""
    return await commands.confirm_absences(session, run_id, caller=caller, now=now)


def _shown(feed: PolledFeed, response: Response) -> FeedRead:
    response.headers["ETag"] = etag_of(feed.version)
    return queries.read_of(feed)
