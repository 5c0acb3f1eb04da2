"""What the API says about kinds of message."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, Field

from services.notifications.messages.catalogue import AnyKind
from services.notifications.messages.kinds import Audience, Channel, Purpose
from services.notifications.messages.rendering import render


class Variable(BaseModel):
    name: str = Field(examples=["vacancy_title"])
    type: str = Field(examples=["string"])


class KindRead(BaseModel):
    """One kind of message. A lower `urgency` goes out first."""

    key: str = Field(examples=["match_suggested"])
    title: str = Field(examples=["Match suggested"])
    event_name: str = Field(description="The event that it tells of", examples=["clearing.match_suggested.v1"])
    audience: Audience
    purpose: Purpose = Field(description="A service message cannot be switched off")
    urgency: int
    channels: list[Channel]
    because: str = Field(description="Why it is sent, as its reader is told")
    variables: list[Variable]

    @classmethod
    def of(cls, kind: AnyKind) -> Self:
        return cls(**fields_of(kind))


class Sample(BaseModel):
    channel: Channel
    subject: str
    text: str
    html: str


class KindDetail(KindRead):
    samples: list[Sample] = Field(description="The wording with made-up values")

    @classmethod
    def of(cls, kind: AnyKind) -> Self:
        return cls(**fields_of(kind), samples=[sample_of(kind, channel) for channel in kind.channels])


def fields_of(kind: AnyKind) -> dict[str, Any]:
    return {
        "key": kind.key,
        "title": kind.title,
        "event_name": kind.event.name,
        "audience": kind.audience,
        "purpose": kind.purpose,
        "urgency": kind.urgency,
        "channels": list(kind.channels),
        "because": kind.because,
        "variables": variables_of(kind),
    }


def variables_of(kind: AnyKind) -> list[Variable]:
    properties = kind.variables.model_json_schema()["properties"]
    return [
        Variable(name=name, type=shape.get("format") or shape.get("type", "string"))
        for name, shape in properties.items()
    ]


def sample_of(kind: AnyKind, channel: Channel) -> Sample:
    rendered = render(kind.wording[channel], dict(kind.sample), because=kind.because)
    return Sample(channel=channel, subject=rendered.subject, text=rendered.text, html=rendered.html)
