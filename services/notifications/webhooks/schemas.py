"""Endpoints, deliveries and kinds of news as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field

from services.notifications.webhooks.states import DisabledReason, EndpointState, WebhookAnswer, WebhookDeliveryState
from shared.vocabulary import Scope

TypeName = Annotated[str, Field(min_length=3, max_length=60, pattern=r"^[a-z_]+\.[a-z_]+$", examples=["job.listed"])]
TypeNames = Annotated[list[TypeName], Field(min_length=1, max_length=60)]
Url = Annotated[str, Field(min_length=8, max_length=500, pattern=r"^[\x21-\x7e]+$")]
URL_EXAMPLE = "https://hooks.council.example/recruitment"


class ContactGiven(BaseModel):
    """Who is mailed when the endpoint is switched off because it fails."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Integration team"])
    email: EmailStr = Field(max_length=320, examples=["integration@council.example"])


class EndpointChange(BaseModel):
    """An address, what it is told, and whom to write to: as a whole. A new address has to be verified."""

    model_config = ConfigDict(extra="forbid")

    url: Url = Field(examples=[URL_EXAMPLE])
    event_types: TypeNames
    contact: ContactGiven


class EndpointCreate(EndpointChange):
    employer: str | None = Field(
        default=None,
        min_length=2,
        max_length=10,
        pattern=r"^[A-Za-z0-9-]+$",
        description="Whose news it is told. A board leaves it out and is told the public news of all",
        examples=["SAW"],
    )


class ContactRead(BaseModel):
    name: str
    email: str


class EndpointRead(BaseModel):
    id: UUID
    employer_id: UUID | None
    client_id: UUID | None = Field(description="The system that set it up; null: a member of staff did")
    url: str
    event_types: list[str]
    contact: ContactRead
    state: EndpointState
    disabled_reason: DisabledReason | None
    verified_at: datetime | None
    failures: int = Field(description="Failed attempts since the last success")
    failing_since: datetime | None
    held_until: datetime | None = Field(description="Until then nothing is tried: the receiver asked for it, or fails")
    previous_secret_until: datetime | None = Field(description="Until then messages carry the old signature too")
    version: int
    created_at: datetime
    updated_at: datetime


class EndpointWithSecret(EndpointRead):
    secret: str = Field(description="Shown this once: keep it", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class VerificationRead(BaseModel):
    """How the challenge went."""

    is_verified: bool
    answer: WebhookAnswer
    status_code: int | None
    explanation: str = Field(examples=["It sent the challenge back: the endpoint is on."])
    endpoint: EndpointRead


class DeliveryFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: WebhookDeliveryState | None = None
    event_type: TypeName | None = None
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None


class WebhookDeliveryRead(BaseModel):
    id: UUID
    webhook_id: UUID
    event_id: UUID = Field(description="The `webhook-id` of the message, the same each time it is sent")
    event_type: str
    is_test: bool
    state: WebhookDeliveryState
    occurred_at: datetime
    created_at: datetime
    due_at: datetime = Field(description="When it is tried next, or was tried last")
    ended_at: datetime | None
    attempts: int
    last_answer: WebhookAnswer | None


class WebhookAttemptRead(BaseModel):
    attempt_no: int
    answer: WebhookAnswer
    status_code: int | None
    started_at: datetime
    ended_at: datetime


class WebhookDeliveryDetail(WebhookDeliveryRead):
    body: str = Field(description="As it is sent, to the byte", examples=['{"type":"job.ended"}'])
    history: list[WebhookAttemptRead]


class Period(BaseModel):
    """From an instant on and before another; both with their offset. At most thirty days back are kept."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    begin: AwareDatetime = Field(alias="from", examples=["2026-11-20T00:00:00+00:00"])
    until: AwareDatetime = Field(examples=["2026-11-21T00:00:00+00:00"])


class ReplayWanted(Period):
    event_types: TypeNames | None = Field(default=None, description="Only these; else all that it is told")


class SampleWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event_types: TypeNames | None = Field(default=None, description="Only these; else one of each that it is told")


class Counted(BaseModel):
    count: int = Field(description="Messages that will be sent", examples=[12])


class EventTypeRead(BaseModel):
    """One kind of news."""

    name: str = Field(examples=["job.listed"])
    title: str
    scope: Scope | None = Field(description="What a receiver must be allowed to read; null: it is public")
    sample: dict[str, Any] = Field(description="A whole message with invented values")
