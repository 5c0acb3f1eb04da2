"""Events with their contacts, as the other services would send them, and deliveries made of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Literal, get_args, get_origin
from uuid import UUID, uuid4

from services.notifications.deliveries.commands import Fact
from services.notifications.messages.catalogue import BY_KEY, AnyKind
from shared.events.base import Contact, Event
from shared.vocabulary import Service

SANDWELL = UUID("00000000-0000-4000-8000-00000000005a")
DUDLEY = UUID("00000000-0000-4000-8000-0000000000d0")
OCCURRED = datetime(2026, 11, 16, 8, 59, tzinfo=UTC)
LINK = "https://clearing.example/l/canary-token"
UNSUBSCRIBE = "https://ats.example/job-alerts/unsubscribe/sample"
# Where several kinds tell of one event.
OF_ITS_KIND: dict[str, dict[str, Any]] = {
    "rejected_after_shortlist": {"was_shortlisted": True},
    "rejected_after_interview": {"was_shortlisted": True, "after_interview": True},
    "draft_reminder": {"wanted_for": "reminder"},
    "job_alert_link": {"wanted_for": "change"},
    "job_alert_to_keep": {"wanted_for": "keep"},
    "talent_pool_to_keep": {"wanted_for": "keep"},
}


def event_and_contact(kind: AnyKind | str, **changes: Any) -> tuple[Event, Contact]:
    """An event that `kind` tells of, and the sealed contact that comes with it. `changes` go to either."""
    kind = BY_KEY[kind] if isinstance(kind, str) else kind
    employers = {"employer_id": SANDWELL, "gaining_employer_id": SANDWELL, "home_employer_id": DUDLEY}
    event = {
        name: changes.get(name, employers.get(name)) or _value(name, field.annotation)
        for name, field in kind.event.model_fields.items()
    }
    event |= OF_ITS_KIND.get(kind.key, {})
    shape = kind.event.sealed_for[Service.NOTIFICATIONS]
    told: dict[str, Any] = {
        "name": "Amina Khan",
        "email": "amina.khan@mail.example",
        "link": LINK,
        "reasons": "Criterion E2",
        "candidate_name": "Amina Khan",
    }
    told |= {"video_url": "https://meet.example/abc"}
    told |= {"unsubscribe_link": UNSUBSCRIBE, "search": "“housing”", "jobs": (), "all_link": LINK}
    told |= {"vacancy_title": "Housing Officer", "employer": "Sandwell Council"}
    contact = shape(**{name: changes.get(name, told[name]) for name in shape.model_fields})
    assert isinstance(contact, Contact)
    return kind.event(**event), contact


def fact(kind: AnyKind | str = "application_received", *, event_id: UUID | None = None, **changes: Any) -> Fact:
    event, contact = event_and_contact(kind, **changes)
    return Fact(event_id or uuid4(), event, changes.get("occurred_at", OCCURRED), contact)


def _value(name: str, annotation: Any) -> Any:
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    by_type = {
        UUID: uuid4,
        UUID | None: uuid4,
        str: partial(str, name.replace("_", " ")),
        int: partial(int, 21),
        bool: bool,
        date: partial(date, 2027, 1, 11),
        datetime: partial(OCCURRED.__add__, timedelta(days=7)),
    }
    return by_type[annotation]()
