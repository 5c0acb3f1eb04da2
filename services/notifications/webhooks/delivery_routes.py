"""What was sent to an endpoint, and sending it again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.notifications.webhooks import queries, resending, telling
from services.notifications.webhooks.presenting import read_delivery, read_detail
from services.notifications.webhooks.routes import Reader, Writer
from services.notifications.webhooks.schemas import (
    Counted,
    DeliveryFilter,
    Period,
    ReplayWanted,
    SampleWanted,
    WebhookDeliveryDetail,
    WebhookDeliveryRead,
)
from shared.app import Now, SessionDep
from shared.errors import Invalid
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems

router = APIRouter(prefix="/v1/webhooks/{webhook_id}", tags=["webhooks"], route_class=IdempotentRoute)
KNOWN_PARAMETERS = frozenset(DeliveryFilter.model_fields) | {"limit", "cursor"}


async def known_filters(request: Request, wanted: Annotated[DeliveryFilter, Query()]) -> DeliveryFilter:
    """A misspelt filter must not show everything. Raises Invalid (422)."""
    unknown = sorted(set(request.query_params) - KNOWN_PARAMETERS)
    if unknown:
        raise Invalid(
            "There is no such filter", field=unknown[0][:60], next_step=f"Use {', '.join(sorted(KNOWN_PARAMETERS))}"
        )
    return wanted


@router.get("/deliveries", summary="List what was sent to an endpoint, newest first", responses=problems(400, 404))
async def list_webhook_deliveries(
    webhook_id: UUID,
    session: SessionDep,
    caller: Reader,
    page: PageQuery,
    wanted: Annotated[DeliveryFilter, Depends(known_filters)],
) -> Page[WebhookDeliveryRead]:
    endpoint = await queries.get_webhook(session, webhook_id, caller)
    found, next_cursor = await queries.list_deliveries(session, endpoint, wanted, page)
    return Page(items=[read_delivery(each) for each in found], next_cursor=next_cursor)


@router.get(
    "/deliveries/{webhook_delivery_id}",
    summary="Read one message with its attempts",
    responses=problems(404),
)
async def get_webhook_delivery(
    webhook_id: UUID, webhook_delivery_id: UUID, session: SessionDep, caller: Reader
) -> WebhookDeliveryDetail:
    endpoint = await queries.get_webhook(session, webhook_id, caller)
    delivery = await queries.get_delivery(session, endpoint, webhook_delivery_id)
    return read_detail(delivery, list(await queries.list_attempts(session, delivery.id)))


@router.post(
    "/deliveries/{webhook_delivery_id}/redrive",
    summary="Send one message again",
    status_code=202,
    responses=problems(404, 409),
)
async def redrive_webhook_delivery(
    webhook_id: UUID, webhook_delivery_id: UUID, session: SessionDep, caller: Writer, now: Now
) -> WebhookDeliveryRead:
    """It goes out under its old `webhook-id`, with a whole new schedule of attempts."""
    endpoint = await queries.get_own_webhook(session, webhook_id, caller)
    delivery = await queries.get_delivery(session, endpoint, webhook_delivery_id)
    return read_delivery(await resending.redrive_one(session, endpoint, delivery, now=now))


@router.post("/redrive", summary="Send again what died in a period", status_code=202, responses=problems(404, 409))
async def redrive_webhook(webhook_id: UUID, wanted: Period, session: SessionDep, caller: Writer, now: Now) -> Counted:
    """By when the messages were stored."""
    endpoint = await queries.get_own_webhook(session, webhook_id, caller)
    return Counted(count=await resending.redrive(session, endpoint, wanted, now=now))


@router.post("/replay", summary="Send all that was told in a period", status_code=202, responses=problems(404, 409))
async def replay_webhook(
    webhook_id: UUID, wanted: ReplayWanted, session: SessionDep, caller: Writer, now: Now
) -> Counted:
    """Also what arrived, and what was told before the endpoint was there or while it was off: by when it happened,
    under its old `webhook-id`, so that a receiver leaves out what it has. Older than thirty days: `GET /v1/events`.
    """
    endpoint = await queries.get_own_webhook(session, webhook_id, caller)
    return Counted(count=await resending.replay(session, endpoint, wanted, wanted.event_types, now=now))


@router.post("/test", summary="Send a made-up message of each type", status_code=202, responses=problems(404, 409))
async def test_webhook(
    webhook_id: UUID, wanted: SampleWanted, session: SessionDep, caller: Writer, now: Now
) -> Page[WebhookDeliveryRead]:
    endpoint = await queries.get_own_webhook(session, webhook_id, caller)
    made = await telling.send_tests(session, endpoint, wanted.event_types, now=now)
    return Page(items=[read_delivery(each) for each in made])
