"""A delivery as it may be shown: whom it went to, and what it said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from services.notifications.deliveries.models import Delivery
from services.notifications.deliveries.reach import Reach, may_see_name
from services.notifications.deliveries.schemas import DeliveryRead, Preview, Recipient
from services.notifications.messages.catalogue import BY_KEY
from services.notifications.messages.rendering import WordingRefused, render

# A link opens somebody's pages, so nobody but its reader sees it.
HIDDEN_LINK = "https://link.example/not-shown"
HIDDEN = "(not shown)"
LINKS = ("link", "unsubscribe_link")
PERSONAL = ("name", "reasons", "place", "search")


def read_delivery(delivery: Delivery, reaches: Sequence[Reach]) -> DeliveryRead:
    return DeliveryRead(**fields_of(delivery, reaches))


def fields_of(delivery: Delivery, reaches: Sequence[Reach]) -> dict[str, Any]:
    kind = BY_KEY.get(delivery.kind)
    fields = {name: getattr(delivery, name) for name in DeliveryRead.model_fields if hasattr(delivery, name)}
    return fields | {
        "title": kind.title if kind else delivery.kind,
        "attempt_count": delivery.attempts,
        "recipient": recipient_of(delivery, reaches),
    }


def recipient_of(delivery: Delivery, reaches: Sequence[Reach]) -> Recipient | None:
    if delivery.contents is None or not may_see_name(reaches, delivery.kind, delivery.employer_ids):
        return None
    return Recipient(name=delivery.contents["variables"]["name"], address=delivery.contents["address"])


def preview_of(delivery: Delivery, reaches: Sequence[Reach]) -> Preview | None:
    """The message in today's wording; None where its contents are wiped or its kind is no more."""
    kind = BY_KEY.get(delivery.kind)
    if kind is None or delivery.contents is None:
        return None
    stored = dict(delivery.contents["variables"])
    stored |= {name: HIDDEN_LINK for name in LINKS if name in kind.variables.model_fields}
    if not may_see_name(reaches, delivery.kind, delivery.employer_ids):
        stored |= {name: HIDDEN for name in PERSONAL if name in stored}
    try:
        variables = kind.variables.model_validate(stored)
        rendered = render(kind.wording[delivery.channel], dict(variables), because=kind.because)
    except (ValidationError, WordingRefused, KeyError):
        return None
    return Preview(subject=rendered.subject, text=rendered.text, html=rendered.html)
