"""`/webhooks`: where news is sent, whether it arrives, and sending it again, for administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.notifications.webhooks import queries, resending
from services.notifications.webhooks.models import WebhookEndpoint
from services.notifications.webhooks.presenting import read_endpoint
from services.notifications.webhooks.schemas import DeliveryFilter
from services.notifications.webhooks.states import EndpointState, WebhookDeliveryState
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_staff
from shared.pages import Crumb, render
from shared.pagination import PageQuery
from shared.registry import list_employers
from shared.vocabulary import Role

router = APIRouter(include_in_schema=False)

ADMINISTRATORS = (Role.COUNCIL_ADMIN, Role.WME_ADMIN)
Administrator = Annotated[Principal, Depends(allow_staff(*ADMINISTRATORS))]

ENDPOINT_TONES = {EndpointState.UNVERIFIED: "yellow", EndpointState.ENABLED: "green", EndpointState.DISABLED: "red"}
TONES = {
    WebhookDeliveryState.WAITING: "blue",
    WebhookDeliveryState.SENDING: "blue",
    WebhookDeliveryState.DELIVERED: "green",
    WebhookDeliveryState.DEAD: "red",
}
STATE_NAMES = {
    WebhookDeliveryState.WAITING: "Waiting",
    WebhookDeliveryState.SENDING: "Being sent",
    WebhookDeliveryState.DELIVERED: "Delivered",
    WebhookDeliveryState.DEAD: "Given up",
}


@router.get("/webhooks")
async def webhooks_page(request: Request, session: SessionDep, caller: Administrator, page: PageQuery) -> HTMLResponse:
    found, next_cursor = await queries.list_webhooks(session, caller, page)
    names = {each.id: each.title for each in await list_employers(session)}
    return render(
        request,
        "webhooks/list.html",
        endpoints=[{"shown": read_endpoint(each), "whose": _whose(each, names)} for each in found],
        tones=ENDPOINT_TONES,
        next_cursor=next_cursor,
    )


@router.get("/webhooks/{webhook_id}")
async def webhook_page(
    request: Request, webhook_id: UUID, session: SessionDep, caller: Administrator, page: PageQuery, state: str = ""
) -> HTMLResponse:
    endpoint = await queries.get_webhook(session, webhook_id, caller)
    wanted = DeliveryFilter(state=WebhookDeliveryState(state) if state in STATE_NAMES else None)
    found, next_cursor = await queries.list_deliveries(session, endpoint, wanted, page)
    names = {each.id: each.title for each in await list_employers(session)}
    return render(
        request,
        "webhooks/one.html",
        endpoint=read_endpoint(endpoint),
        whose=_whose(endpoint, names),
        deliveries=found,
        states=[(each.value, name) for each, name in STATE_NAMES.items()],
        state=state,
        tones=TONES,
        endpoint_tones=ENDPOINT_TONES,
        state_names=STATE_NAMES,
        next_cursor=next_cursor,
        breadcrumbs=[Crumb("Webhooks", "/webhooks"), Crumb("One endpoint")],
    )


@router.get("/webhooks/{webhook_id}/deliveries/{webhook_delivery_id}")
async def webhook_delivery_page(
    request: Request, webhook_id: UUID, webhook_delivery_id: UUID, session: SessionDep, caller: Administrator
) -> HTMLResponse:
    endpoint = await queries.get_webhook(session, webhook_id, caller)
    delivery = await queries.get_delivery(session, endpoint, webhook_delivery_id)
    is_over = delivery.state in resending.ENDED
    return render(
        request,
        "webhooks/delivery.html",
        endpoint=read_endpoint(endpoint),
        delivery=delivery,
        attempts=await queries.list_attempts(session, delivery.id),
        may_redrive=is_over and endpoint.state is EndpointState.ENABLED,
        tones=TONES,
        state_names=STATE_NAMES,
        breadcrumbs=[
            Crumb("Webhooks", "/webhooks"),
            Crumb("One endpoint", f"/webhooks/{webhook_id}"),
            Crumb("One message"),
        ],
    )


@router.post("/webhooks/{webhook_id}/deliveries/{webhook_delivery_id}")
async def redrive_on_page(
    webhook_id: UUID, webhook_delivery_id: UUID, session: SessionDep, caller: Administrator, now: Now
) -> RedirectResponse:
    endpoint = await queries.get_own_webhook(session, webhook_id, caller)
    delivery = await queries.get_delivery(session, endpoint, webhook_delivery_id)
    await resending.redrive_one(session, endpoint, delivery, now=now)
    return RedirectResponse(f"/webhooks/{webhook_id}/deliveries/{webhook_delivery_id}", status_code=303)


def _whose(endpoint: WebhookEndpoint, names: dict[UUID, str]) -> str:
    return "All public adverts" if endpoint.employer_id is None else names.get(endpoint.employer_id, "An employer")
