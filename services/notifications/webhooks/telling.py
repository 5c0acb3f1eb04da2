"""One row for each fact and endpoint, made when the fact is heard or when a test is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks import rules
from services.notifications.webhooks.event_types import BY_EVENT, BY_NAME, EventType
from services.notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from services.notifications.webhooks.samples import message_of, sample_data
from services.notifications.webhooks.states import EndpointState, WebhookDeliveryState
from shared.consumer import Handling
from shared.errors import DomainError, Invalid
from shared.events.base import Event
from shared.orm import table_of

DELIVERIES = table_of(WebhookDelivery)
COLUMNS = (
    "id",
    "webhook_id",
    "employer_id",
    "event_id",
    "event_type",
    "body",
    "is_test",
    "occurred_at",
    "created_at",
    "due_at",
    "give_up_at",
    "state",
    "attempts",
    "tries",
)


class WebhookOff(DomainError):
    code: ClassVar[str] = "webhook_off"
    title: ClassVar[str] = "The endpoint is not switched on"


async def tell_systems(handling: Handling, event: Event) -> None:
    """Store what was told, and a delivery for each endpoint that is to be told; what is there already stays.

    Nothing is sent here: the commit of this transaction wakes the sender.
    """
    event_type = BY_EVENT.get(type(event))
    if event_type is None:
        return
    concerned = sorted(event_type.concerns(event))
    body = message_of(event_type.name, handling.occurred_at, event_type.data_of(event))
    told = insert(WebhookEvent).values(
        event_id=handling.event_id,
        event_type=event_type.name,
        employer_ids=concerned,
        is_public=event_type.is_public,
        body=body,
        occurred_at=handling.occurred_at,
    )
    await handling.session.execute(told.on_conflict_do_nothing())
    chosen = select(
        *new_delivery(handling.now),
    ).where(
        WebhookEvent.event_id == handling.event_id,
        WebhookEndpoint.state == EndpointState.ENABLED,
        *is_for(event_type_of=WebhookEvent.event_type),
    )
    await handling.session.execute(insert(DELIVERIES).from_select(COLUMNS, chosen).on_conflict_do_nothing())


async def send_tests(
    session: AsyncSession, endpoint: WebhookEndpoint, names: Sequence[str] | None, *, now: datetime
) -> list[WebhookDelivery]:
    """A made-up message of each type, each under an id of its own. Raises WebhookOff, Invalid."""
    refuse_off(endpoint)
    chosen = endpoint.event_types if names is None else names
    for number, name in enumerate(chosen):
        if name not in endpoint.event_types:
            raise Invalid(
                "It is not told this.", field=f"event_types.{number}", next_step="Add it to the endpoint first."
            )
    made = [_test_of(BY_NAME[name], endpoint, now) for name in chosen]
    session.add_all(made)
    await session.flush()
    return made


def _test_of(event_type: EventType, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        webhook_id=endpoint.id,
        employer_id=endpoint.employer_id,
        event_id=uuid4(),
        event_type=event_type.name,
        body=message_of(event_type.name, now, sample_data(event_type)),
        occurred_at=now,
        created_at=now,
        due_at=now,
        give_up_at=now + rules.GIVE_UP_AFTER,
        is_test=True,
    )


def new_delivery(now: datetime) -> tuple[Any, ...]:
    """The columns of a delivery, from the endpoint and what was told."""
    return (
        func.gen_random_uuid(),
        WebhookEndpoint.id,
        WebhookEndpoint.employer_id,
        WebhookEvent.event_id,
        WebhookEvent.event_type,
        WebhookEvent.body,
        literal(False),
        WebhookEvent.occurred_at,
        literal(now),
        literal(now),
        literal(now + rules.GIVE_UP_AFTER),
        literal(WebhookDeliveryState.WAITING.value),
        literal(0),
        literal(0),
    )


def is_for(*, event_type_of: Any) -> tuple[Any, ...]:
    """Own news for an employer's endpoint; public news, and no other, for a board's."""
    return (
        event_type_of == any_(WebhookEndpoint.event_types),
        or_(
            WebhookEndpoint.employer_id == any_(WebhookEvent.employer_ids),
            WebhookEndpoint.employer_id.is_(None) & WebhookEvent.is_public,
        ),
    )


def refuse_off(endpoint: WebhookEndpoint) -> None:
    if endpoint.state is not EndpointState.ENABLED:
        raise WebhookOff(state=endpoint.state, next_step="Verify it, or switch it on, first.")
