"""Every table of this service, for its migrations to be checked against."""

from __future__ import annotations

from services.notifications.base import Base
from services.notifications.deliveries.models import Delivery, DeliveryAttempt
from services.notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from shared.orm import with_mechanism

METADATA = with_mechanism(Base.metadata)

__all__ = [
    "METADATA",
    "Delivery",
    "DeliveryAttempt",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
