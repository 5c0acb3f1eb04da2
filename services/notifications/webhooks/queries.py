"""Questions about endpoints and what was sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from services.notifications.webhooks.schemas import DeliveryFilter
from services.notifications.webhooks.states import EndpointState, WebhookDeliveryState
from shared.errors import Forbidden, NotFound
from shared.pagination import PageRequest, paginate
from shared.principals import Principal, PrincipalKind


class WebhookNotFound(NotFound):
    code: ClassVar[str] = "webhook_not_found"
    title: ClassVar[str] = "There is no such endpoint here for you"


class WebhookDeliveryNotFound(NotFound):
    code: ClassVar[str] = "webhook_delivery_not_found"
    title: ClassVar[str] = "There is no such delivery here for you"


class WebhookOfAnother(Forbidden):
    code: ClassVar[str] = "webhook_of_another"
    title: ClassVar[str] = "Another system has set this endpoint up"


async def count_due(session: AsyncSession, now: datetime) -> int:
    """How many messages are on their way or should be."""
    deliveries, waiting, sending = WebhookDelivery, WebhookDeliveryState.WAITING, WebhookDeliveryState.SENDING
    asked = select(WebhookEndpoint.id).where(
        WebhookEndpoint.state == EndpointState.ENABLED,
        or_(WebhookEndpoint.held_until.is_(None), WebhookEndpoint.held_until <= now),
    )
    due = and_(deliveries.state == waiting, deliveries.due_at <= now, deliveries.webhook_id.in_(asked))
    query = select(func.count()).select_from(deliveries).where(or_(deliveries.state == sending, due))
    return await session.scalar(query) or 0


async def list_webhooks(
    session: AsyncSession, caller: Principal, page: PageRequest
) -> tuple[list[WebhookEndpoint], str | None]:
    order: Sequence[Any] = (WebhookEndpoint.created_at, WebhookEndpoint.id)
    return await paginate(session, _seen(caller), page, order=order, descending=True)


async def get_webhook(session: AsyncSession, webhook_id: UUID, caller: Principal) -> WebhookEndpoint:
    """Raises WebhookNotFound, for another employer's too."""
    found = await session.scalar(_seen(caller).where(WebhookEndpoint.id == webhook_id))
    if found is None:
        raise WebhookNotFound
    return found


async def get_own_webhook(session: AsyncSession, webhook_id: UUID, caller: Principal) -> WebhookEndpoint:
    """To change it: locked. Staff of the employer may, and the system that made it; another system of the same employer
    sees it and leaves it alone. Raises WebhookNotFound, WebhookOfAnother.
    """
    found = await session.scalar(_seen(caller).where(WebhookEndpoint.id == webhook_id).with_for_update())
    if found is None:
        raise WebhookNotFound
    if caller.kind is PrincipalKind.CLIENT and found.client_id != caller.id:
        raise WebhookOfAnother(next_step="Ask whoever runs that system, or an administrator of the council.")
    return found


async def list_deliveries(
    session: AsyncSession, endpoint: WebhookEndpoint, wanted: DeliveryFilter, page: PageRequest
) -> tuple[list[WebhookDelivery], str | None]:
    """Newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == endpoint.id)
    if wanted.state is not None:
        statement = statement.where(WebhookDelivery.state == wanted.state)
    if wanted.event_type is not None:
        statement = statement.where(WebhookDelivery.event_type == wanted.event_type)
    if wanted.created_from is not None:
        statement = statement.where(WebhookDelivery.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        statement = statement.where(WebhookDelivery.created_at < wanted.created_before)
    order: Sequence[Any] = (WebhookDelivery.created_at, WebhookDelivery.id)
    return await paginate(session, statement, page, order=order, descending=True)


async def get_delivery(session: AsyncSession, endpoint: WebhookEndpoint, webhook_delivery_id: UUID) -> WebhookDelivery:
    """Raises WebhookDeliveryNotFound."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == endpoint.id, WebhookDelivery.id == webhook_delivery_id
    )
    found = await session.scalar(query)
    if found is None:
        raise WebhookDeliveryNotFound
    return found


async def list_attempts(session: AsyncSession, delivery_id: UUID) -> Sequence[WebhookAttempt]:
    query = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return (await session.scalars(query.order_by(WebhookAttempt.attempt_no))).all()


def _seen(caller: Principal) -> Select[Any]:
    """Staff and systems see their employers' endpoints; a system of the whole region only its own."""
    statement = select(WebhookEndpoint).where(WebhookEndpoint.deleted_at.is_(None))
    if caller.kind is PrincipalKind.CLIENT and caller.is_region:
        return statement.where(WebhookEndpoint.client_id == caller.id)
    if caller.is_region:
        return statement
    return statement.where(WebhookEndpoint.employer_id.in_(sorted(caller.employer_ids)))
