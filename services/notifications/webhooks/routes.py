"""`/v1/webhooks`: where a system of a council or a board is told what happens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.notifications.webhooks import commands, queries
from services.notifications.webhooks.event_types import EVENT_TYPES
from services.notifications.webhooks.posting import Poster, reach_of
from services.notifications.webhooks.presenting import read_endpoint, read_event_type, read_with_secret
from services.notifications.webhooks.schemas import (
    EndpointChange,
    EndpointCreate,
    EndpointRead,
    EndpointWithSecret,
    EventTypeRead,
    VerificationRead,
)
from services.notifications.webhooks.verifying import challenge
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.database import transaction
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.outward import Reach
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=IdempotentRoute)
# What answers with a secret is not kept to be given again, and a challenge asks the receiver each time.
plain_router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Reader = Annotated[Principal, Depends(allow(Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE))]
Writer = Annotated[Principal, Depends(allow(Scope.WEBHOOKS_WRITE))]


async def _reach(request: Request) -> Reach:
    return reach_of(request.state.settings)


Reaching = Annotated[Reach, Depends(_reach)]


@router.get("/event-types", summary="List what can be told, with a sample of each", responses=problems())
async def list_webhook_event_types(_caller: Reader) -> Page[EventTypeRead]:
    return Page(items=[read_event_type(each) for each in EVENT_TYPES])


@router.get("", summary="List the endpoints, newest first", responses=problems(400))
async def list_webhooks(session: SessionDep, caller: Reader, page: PageQuery) -> Page[EndpointRead]:
    found, next_cursor = await queries.list_webhooks(session, caller, page)
    return Page(items=[read_endpoint(each) for each in found], next_cursor=next_cursor)


@plain_router.post(
    "", summary="Register an endpoint; its secret is shown once", status_code=201, responses=problems(404, 409)
)
async def create_webhook(
    wanted: EndpointCreate, session: SessionDep, caller: Writer, reach: Reaching, now: Now, response: Response
) -> EndpointWithSecret:
    """Nothing is sent there before it is verified: give the secret to your receiver, then call `…/verify`."""
    endpoint, secret = await commands.create_webhook(session, wanted, caller=caller, reach=reach, now=now)
    response.headers["Location"] = f"/v1/webhooks/{endpoint.id}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["ETag"] = etag_of(endpoint.version)
    return read_with_secret(endpoint, secret)


@router.get("/{webhook_id}", summary="Read an endpoint and how it fares", responses=problems(404))
async def get_webhook(webhook_id: UUID, session: SessionDep, caller: Reader, response: Response) -> EndpointRead:
    endpoint = await queries.get_webhook(session, webhook_id, caller)
    response.headers["ETag"] = etag_of(endpoint.version)
    return read_endpoint(endpoint)


@router.put(
    "/{webhook_id}",
    summary="Change its address, what it is told, or whom to write to",
    responses=problems(404, 412),
)
async def change_webhook(
    webhook_id: UUID,
    wanted: EndpointChange,
    session: SessionDep,
    caller: Writer,
    reach: Reaching,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> EndpointRead:
    """Another address has to be verified again before anything is sent there."""
    endpoint = await commands.change_webhook(
        session, webhook_id, wanted, caller=caller, expected=expected, reach=reach, now=now
    )
    response.headers["ETag"] = etag_of(endpoint.version)
    return read_endpoint(endpoint)


@router.delete("/{webhook_id}", summary="Take an endpoint away", status_code=204, responses=problems(404))
async def delete_webhook(webhook_id: UUID, session: SessionDep, caller: Writer, now: Now) -> None:
    await commands.delete_webhook(session, webhook_id, caller=caller, now=now)


@plain_router.post("/{webhook_id}/verify", summary="Send the challenge", responses=problems(404))
async def verify_webhook(
    webhook_id: UUID, request: Request, caller: Writer, reach: Reaching, now: Now
) -> VerificationRead:
    """A signed message of the type `webhook.challenge` is posted to the endpoint. It has to answer within 15 seconds
    with a status of 2xx and the JSON object `{"challenge": "…"}`, with the text of the message's `data.challenge`.
    """
    sessions = request.state.sessions
    # Its server is waited for outside any transaction.
    async with transaction(sessions, caller.tenancy) as session:
        endpoint = await queries.get_own_webhook(session, webhook_id, caller)
    poster = Poster(reach)
    try:
        outcome = await challenge(endpoint, poster, now=now)
    finally:
        await poster.close()
    async with transaction(sessions, caller.tenancy) as session:
        asked, endpoint = endpoint, await queries.get_own_webhook(session, webhook_id, caller)
        if outcome.is_verified:
            commands.note_verified(endpoint, asked, now=now)
    return VerificationRead(
        is_verified=outcome.is_verified,
        answer=outcome.answer,
        status_code=outcome.status_code,
        explanation=outcome.explanation,
        endpoint=read_endpoint(endpoint),
    )


@plain_router.post(
    "/{webhook_id}/rotate-secret",
    summary="Get a new secret; both sign for a day",
    responses=problems(404),
)
async def rotate_webhook_secret(
    webhook_id: UUID, session: SessionDep, caller: Writer, now: Now, response: Response
) -> EndpointWithSecret:
    """For 24 hours every message carries a signature of the new secret and one of the old."""
    endpoint, secret = await commands.rotate_secret(session, webhook_id, caller=caller, now=now)
    response.headers["Cache-Control"] = "no-store"
    return read_with_secret(endpoint, secret)


@router.post("/{webhook_id}/enable", summary="Switch an endpoint on again", responses=problems(404, 409))
async def enable_webhook(webhook_id: UUID, session: SessionDep, caller: Writer, now: Now) -> EndpointRead:
    """What it missed is sent by `…/replay`, not by itself."""
    return read_endpoint(await commands.enable_webhook(session, webhook_id, caller=caller, now=now))


@router.post("/{webhook_id}/disable", summary="Switch an endpoint off", responses=problems(404, 409))
async def disable_webhook(webhook_id: UUID, session: SessionDep, caller: Writer, now: Now) -> EndpointRead:
    return read_endpoint(await commands.disable_webhook(session, webhook_id, caller=caller, now=now))
