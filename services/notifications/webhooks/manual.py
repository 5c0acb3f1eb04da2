"""The `webhooks` section of the OpenAPI document: each type of message, with its shape and a sample."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import AwareDatetime, ConfigDict, Field, create_model

from services.notifications.webhooks.event_types import EVENT_TYPES, EventType
from services.notifications.webhooks.samples import sample_message
from shared.settings import Settings

SIGNED = (
    "Signed as Standard Webhooks (version 1, HMAC-SHA256): check `webhook-signature` over `webhook-id`,"
    " `webhook-timestamp` and the raw body before you believe it. The same `webhook-id` may come again."
    " Answer with any status of 2xx within 15 seconds."
)
HEADERS: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }
    for name, description, example in (
        ("webhook-id", "Of the fact: the same each time that it is sent", "0190f8a2-7c1e-7b60-9c2d-5f0f3f1a2b3c"),
        ("webhook-timestamp", "Of this attempt, in seconds since 1970", "1795167000"),
        (
            "webhook-signature",
            "One or, during a rotation, two, with a space between",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    )
]


ANSWERS: dict[int | str, dict[str, Any]] = {
    204: {"description": "Taken. Any status of 2xx says so; the body is not read"},
    410: {"description": "Gone: the endpoint is switched off, and its contact told"},
    "4XX": {"description": "Not taken: it is sent again, ten times in about a day"},
}


def document_webhooks(app: FastAPI, _settings: Settings) -> None:
    """For `ServiceApp.on_start`."""
    for each in EVENT_TYPES:
        app.webhooks.add_api_route(
            each.name,
            _told(each),
            methods=["POST"],
            name=f"webhook_{each.name.replace('.', '_')}",
            summary=each.title,
            description=f"{_readers(each)} {SIGNED}",
            status_code=204,
            responses=ANSWERS,
            tags=["webhooks"],
            openapi_extra={"parameters": HEADERS},
        )


def _told(event_type: EventType) -> Any:
    shape = message_shape(event_type)

    async def told(message: Any) -> None:
        """What a receiver implements; never called here."""

    told.__annotations__ = {"message": shape, "return": None}
    return told


def message_shape(event_type: EventType) -> Any:
    """The whole message: `type`, `timestamp`, `data`."""
    return create_model(
        f"{event_type.data.__name__.removesuffix('Data')}Message",
        __config__=ConfigDict(frozen=True, json_schema_extra={"example": sample_message(event_type)}),
        type=(str, Field(json_schema_extra={"const": event_type.name})),
        timestamp=(AwareDatetime, Field(description="When it happened")),
        data=(event_type.data, Field()),
    )


def _readers(event_type: EventType) -> str:
    if event_type.scope is None:
        return "Public: an employer's endpoint is told of its own, a board's of all."
    return f"For the employers concerned, to receivers with the scope {event_type.scope}."
