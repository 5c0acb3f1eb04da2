"""`/v1/deliveries`: was she told, when, and what did it say?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.notifications.deliveries import queries
from services.notifications.deliveries.previews import fields_of, preview_of, read_delivery
from services.notifications.deliveries.reach import reaches_of
from services.notifications.deliveries.schemas import (
    AddressSearch,
    AttemptRead,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRead,
)
from shared.app import SessionDep
from shared.auth import Principal, allow
from shared.errors import Invalid
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=IdempotentRoute)

Reader = Annotated[Principal, Depends(allow(Scope.APPLICATIONS_READ, Scope.CLEARING_READ, Scope.VACANCIES_READ))]
KNOWN_PARAMETERS = frozenset(DeliveryFilter.model_fields) | {"limit", "cursor"}


async def known_filters(request: Request, wanted: Annotated[DeliveryFilter, Query()]) -> DeliveryFilter:
    """A misspelt filter must not show everything. Raises Invalid (422)."""
    unknown = sorted(set(request.query_params) - KNOWN_PARAMETERS)
    if unknown:
        raise Invalid(
            "There is no such filter", field=unknown[0][:60], next_step=f"Use {', '.join(sorted(KNOWN_PARAMETERS))}"
        )
    return wanted


@router.get("", summary="List deliveries, newest first", responses=problems(400))
async def list_deliveries(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[DeliveryFilter, Depends(known_filters)]
) -> Page[DeliveryRead]:
    reaches = reaches_of(caller)
    found, next_cursor = await queries.list_deliveries(session, wanted, reaches, page)
    concealed = await queries.concealed_among(session, found)
    return Page(items=[read_delivery(each, reaches, concealed) for each in found], next_cursor=next_cursor)


@router.post("/search", summary="Find the deliveries to one address", responses=problems(400))
async def search_deliveries(
    search: AddressSearch, session: SessionDep, caller: Reader, page: PageQuery
) -> Page[DeliveryRead]:
    reaches = reaches_of(caller)
    found, next_cursor = await queries.search_deliveries(session, search, reaches, page)
    concealed = await queries.concealed_among(session, found)
    return Page(items=[read_delivery(each, reaches, concealed) for each in found], next_cursor=next_cursor)


@router.get("/{delivery_id}", summary="Read a delivery with its attempts and what it said", responses=problems(404))
async def get_delivery(delivery_id: UUID, session: SessionDep, caller: Reader) -> DeliveryDetail:
    reaches = reaches_of(caller)
    delivery = await queries.get_delivery(session, delivery_id, reaches)
    concealed = await queries.concealed_among(session, [delivery])
    attempts = await queries.list_attempts(session, delivery_id)
    return DeliveryDetail(
        **fields_of(delivery, reaches, concealed),
        attempts=[AttemptRead.model_validate(each, from_attributes=True) for each in attempts],
        preview=preview_of(delivery, reaches, concealed),
    )
