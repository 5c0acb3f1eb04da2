"""Messages as they are sent, and a made-up one of each type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID, uuid5

from services.notifications.webhooks.event_types import EventType

SPACE = UUID("5a3c0d5e-6f2b-4f0e-9c57-1d0b7a7f9a10")
INSTANT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WORDS: Mapping[str, str] = {"reference": "SAN-2026-00123", "title": "Housing officer"}


def message_of(name: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The body: what it is, when it happened (ISO 8601 with offset), and the data."""
    return json.dumps({"type": name, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))


def sample_event(event_type: EventType) -> Any:
    """An event of the type with invented values; the same each time."""
    fields = event_type.event.model_fields
    values = {name: _value(name, field.annotation) for name, field in fields.items() if field.is_required()}
    values |= {name: _value(name, fields[name].annotation) for name in event_type.members}
    return event_type.event(**values)


def sample_data(event_type: EventType) -> dict[str, Any]:
    return event_type.data_of(sample_event(event_type))


def sample_message(event_type: EventType, at: datetime = INSTANT) -> dict[str, Any]:
    return json.loads(message_of(event_type.name, at, sample_data(event_type)))


def _value(name: str, annotation: Any) -> Any:
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation))
    by_type: Mapping[Any, Any] = {
        UUID: uuid5(SPACE, name),
        str: WORDS.get(name, name.replace("_", " ")),
        int: 1,
        bool: True,
        date: INSTANT.date(),
        datetime: INSTANT,
    }
    return by_type[annotation]
