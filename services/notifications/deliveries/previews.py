"""A delivery as it may be shown: whom it went to, and what it said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from services.notifications.deliveries.models import Delivery
from services.notifications.deliveries.reach import Reach, may_see_name
from services.notifications.deliveries.schemas import DeliveryRead, Preview, Recipient
from services.notifications.messages.catalogue import BY_KEY
from services.notifications.messages.rendering import WordingRefused, render

# A link opens somebody's pages, so nobody but its reader sees it.
HIDDEN_LINK = "https://link.example/not-shown"
HIDDEN = "(not shown)"
HIDDEN_PEOPLE = UUID("7c1f6b1e-2f0b-5c1d-8a53-0f6a1d9b7e42")
LINKS = ("link", "unsubscribe_link")
PERSONAL = ("name", "reasons", "place", "search")


def read_delivery(delivery: Delivery, reaches: Sequence[Reach], concealed: Collection[UUID]) -> DeliveryRead:
    return DeliveryRead(**fields_of(delivery, reaches, concealed))


def fields_of(delivery: Delivery, reaches: Sequence[Reach], concealed: Collection[UUID]) -> dict[str, Any]:
    kind = BY_KEY.get(delivery.kind)
    fields = {name: getattr(delivery, name) for name in DeliveryRead.model_fields if hasattr(delivery, name)}
    return fields | {
        "title": kind.title if kind else delivery.kind,
        "attempt_count": delivery.attempts,
        # The same for all messages to one address, it would join somebody to an application of theirs elsewhere.
        "recipient_id": delivery.recipient_id
        if delivery.id not in concealed
        else uuid5(HIDDEN_PEOPLE, str(delivery.subject_id)),
        "recipient": recipient_of(delivery, reaches, concealed),
    }


def recipient_of(delivery: Delivery, reaches: Sequence[Reach], concealed: Collection[UUID]) -> Recipient | None:
    if delivery.contents is None or not _may_be_known(delivery, reaches, concealed):
        return None
    return Recipient(name=delivery.contents["variables"]["name"], address=delivery.contents["address"])


def preview_of(delivery: Delivery, reaches: Sequence[Reach], concealed: Collection[UUID]) -> Preview | None:
    """The message in today's wording; None where its contents are wiped or its kind is no more."""
    kind = BY_KEY.get(delivery.kind)
    if kind is None or delivery.contents is None:
        return None
    stored = dict(delivery.contents["variables"])
    stored |= {name: HIDDEN_LINK for name in LINKS if name in kind.variables.model_fields}
    if not _may_be_known(delivery, reaches, concealed):
        stored |= {name: HIDDEN for name in PERSONAL if name in stored}
    try:
        variables = kind.variables.model_validate(stored)
        rendered = render(kind.wording[delivery.channel], dict(variables), because=kind.because)
    except (ValidationError, WordingRefused, KeyError):
        return None
    return Preview(subject=rendered.subject, text=rendered.text, html=rendered.html)


def _may_be_known(delivery: Delivery, reaches: Sequence[Reach], concealed: Collection[UUID]) -> bool:
    return delivery.id not in concealed and may_see_name(reaches, delivery.kind, delivery.employer_ids)
