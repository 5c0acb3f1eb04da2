"""Endpoints and deliveries as they are shown."""

from __future__ import annotations

from typing import Any

from services.notifications.webhooks.event_types import EventType
from services.notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from services.notifications.webhooks.samples import sample_message
from services.notifications.webhooks.schemas import (
    ContactRead,
    EndpointRead,
    EndpointWithSecret,
    EventTypeRead,
    WebhookAttemptRead,
    WebhookDeliveryDetail,
    WebhookDeliveryRead,
)

SHOWN_AS_IT_IS = (
    "id",
    "employer_id",
    "client_id",
    "url",
    "event_types",
    "state",
    "disabled_reason",
    "verified_at",
    "failures",
    "failing_since",
    "held_until",
    "version",
    "created_at",
    "updated_at",
)


def read_endpoint(endpoint: WebhookEndpoint) -> EndpointRead:
    return EndpointRead(**_fields(endpoint))


def read_with_secret(endpoint: WebhookEndpoint, secret: str) -> EndpointWithSecret:
    return EndpointWithSecret(**_fields(endpoint), secret=secret)


def read_delivery(delivery: WebhookDelivery) -> WebhookDeliveryRead:
    return WebhookDeliveryRead.model_validate(delivery, from_attributes=True)


def read_detail(delivery: WebhookDelivery, attempts: list[WebhookAttempt]) -> WebhookDeliveryDetail:
    history = [WebhookAttemptRead.model_validate(each, from_attributes=True) for each in attempts]
    return WebhookDeliveryDetail(**dict(read_delivery(delivery)), body=delivery.body, history=history)


def read_event_type(event_type: EventType) -> EventTypeRead:
    return EventTypeRead(
        name=event_type.name, title=event_type.title, scope=event_type.scope, sample=sample_message(event_type)
    )


def _fields(endpoint: WebhookEndpoint) -> dict[str, Any]:
    fields = {name: getattr(endpoint, name) for name in SHOWN_AS_IT_IS}
    contact = ContactRead(name=endpoint.contact_name, email=endpoint.contact_email)
    return fields | {"contact": contact, "previous_secret_until": endpoint.previous_until}
