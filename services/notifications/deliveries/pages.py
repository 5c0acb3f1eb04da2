"""`/deliveries`: the same answers for people. An address is posted, so that none stands in a URL."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.notifications.deliveries import queries
from services.notifications.deliveries.previews import preview_of, read_delivery
from services.notifications.deliveries.reach import Reach, only_named, reaches_of
from services.notifications.deliveries.schemas import AddressSearch, DeliveryFilter, DeliveryRead
from services.notifications.deliveries.states import DeliveryState
from services.notifications.messages.catalogue import BY_KEY, CATALOGUE
from shared.app import SessionDep
from shared.auth import Principal, allow, allow_anyone
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.vocabulary import Scope

router = APIRouter(include_in_schema=False)

Reader = Annotated[Principal, Depends(allow(Scope.APPLICATIONS_READ, Scope.CLEARING_READ, Scope.VACANCIES_READ))]

TONES = {
    DeliveryState.CREATED: "blue",
    DeliveryState.SENDING: "blue",
    DeliveryState.SENT: "green",
    DeliveryState.DELIVERED: "green",
    DeliveryState.TEMPORARY_FAILURE: "yellow",
    DeliveryState.PERMANENT_FAILURE: "red",
    DeliveryState.TECHNICAL_FAILURE: "red",
    DeliveryState.EXPIRED: "grey",
    DeliveryState.CANCELLED: "grey",
}
STATE_NAMES = {state: state.value.replace("_", " ").capitalize() for state in DeliveryState}


@router.get("/", dependencies=[allow_anyone()])
async def front_door() -> RedirectResponse:
    return RedirectResponse("/deliveries", status_code=307)


@router.get("/deliveries")
async def deliveries_page(
    request: Request, session: SessionDep, caller: Reader, page: PageQuery, kind: str = "", state: str = ""
) -> HTMLResponse:
    reaches = reaches_of(caller)
    wanted = DeliveryFilter(
        kind=kind if kind in BY_KEY else None,
        state=DeliveryState(state) if state in STATE_NAMES else None,
    )
    found, next_cursor = await queries.list_deliveries(session, wanted, reaches, page)
    concealed = await queries.concealed_among(session, found)
    shown = [read_delivery(each, reaches, concealed) for each in found]
    return _list(request, reaches, shown, kind=kind, state=state, next_cursor=next_cursor)


@router.post("/deliveries")
async def search_page(
    request: Request, session: SessionDep, caller: Reader, page: PageQuery, address: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """The newest messages to one address."""
    reaches = reaches_of(caller)
    address = address.strip()
    if "@" not in address or len(address) > 320:
        problem = FormError("address", "Enter an email address, like name@council.example")
        return _list(request, reaches, [], address=address, errors=[problem], status_code=422)
    found, _ = await queries.search_deliveries(session, AddressSearch(address=address), reaches, page)
    concealed = await queries.concealed_among(session, found)
    return _list(request, reaches, [read_delivery(each, reaches, concealed) for each in found], address=address)


@router.get("/deliveries/{delivery_id}")
async def delivery_page(request: Request, delivery_id: UUID, session: SessionDep, caller: Reader) -> HTMLResponse:
    reaches = reaches_of(caller)
    delivery = await queries.get_delivery(session, delivery_id, reaches)
    concealed = await queries.concealed_among(session, [delivery])
    return render(
        request,
        "deliveries/one.html",
        delivery=read_delivery(delivery, reaches, concealed),
        attempts=await queries.list_attempts(session, delivery_id),
        preview=preview_of(delivery, reaches, concealed),
        tones=TONES,
        state_names=STATE_NAMES,
        breadcrumbs=[Crumb("Deliveries", "/deliveries"), Crumb("One delivery")],
    )


def _list(
    request: Request,
    reaches: tuple[Reach, ...],
    shown: list[DeliveryRead],
    *,
    status_code: int = 200,
    **context: object,
) -> HTMLResponse:
    defaults: dict[str, object] = {"kind": "", "state": "", "address": "", "next_cursor": None, "errors": []}
    return render(
        request,
        "deliveries/list.html",
        status_code=status_code,
        deliveries=shown,
        kinds=[(each.key, each.title) for each in CATALOGUE],
        states=list(STATE_NAMES.items()),
        tones=TONES,
        state_names=STATE_NAMES,
        may_search=bool(only_named(reaches)),
        **(defaults | context),
    )
