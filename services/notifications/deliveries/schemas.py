"""What the API says about deliveries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notifications.channels.answers import AnswerClass
from services.notifications.deliveries.states import DeliveryState
from services.notifications.messages.kinds import Channel


class DeliveryFilter(BaseModel):
    """Every filter given must hold."""

    recipient_id: UUID | None = Field(default=None, description="All that was said to one person")
    subject_id: UUID | None = Field(default=None, description="An application, registration, referral, trial …")
    vacancy_id: UUID | None = None
    event_id: UUID | None = Field(default=None, description="The fact that was told")
    kind: str | None = Field(default=None, max_length=60, examples=["match_suggested"])
    state: DeliveryState | None = None
    created_from: AwareDatetime | None = Field(default=None, description="This instant or later")
    created_before: AwareDatetime | None = None


class AddressSearch(BaseModel):
    """An address is personal data: it is asked for in a body, never in a URL."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(min_length=3, max_length=320, examples=["amina.khan@mail.example"])
    kind: str | None = Field(default=None, max_length=60)
    state: DeliveryState | None = None


class Recipient(BaseModel):
    name: str = Field(examples=["Amina Khan"])
    address: str = Field(examples=["amina.khan@mail.example"])


class DeliveryRead(BaseModel):
    """One message to one person by one channel. Times are business time."""

    id: UUID
    kind: str = Field(examples=["application_received"])
    title: str = Field(examples=["Application received"])
    channel: Channel
    state: DeliveryState
    recipient_id: UUID = Field(description="The same for every message to one address; says nothing about it")
    recipient: Recipient | None = Field(
        description="Null where you may not see it, while a candidate may not be known, and once it is wiped"
    )
    subject: str = Field(description="What it is about", examples=["application"])
    subject_id: UUID
    vacancy_id: UUID | None
    event_id: UUID
    event_name: str = Field(examples=["ats.application_received.v1"])
    occurred_at: datetime = Field(description="When the fact happened")
    created_at: datetime
    due_at: datetime = Field(description="When it is tried next, or was tried first")
    expires_at: datetime = Field(description="From then on it is not sent any more")
    handed_over_at: datetime | None = Field(description="When the provider took it")
    ended_at: datetime | None
    attempt_count: int
    last_answer: AnswerClass | None


class AttemptRead(BaseModel):
    attempt_no: int
    answer: AnswerClass
    reply_code: int | None = Field(description="The provider's own number, such as SMTP 550")
    started_at: datetime
    ended_at: datetime


class Preview(BaseModel):
    """The message as its reader saw it; links are never shown, names only to those who may see them."""

    subject: str
    text: str
    html: str


class DeliveryDetail(DeliveryRead):
    attempts: list[AttemptRead]
    preview: Preview | None = Field(description="Null once the contents are wiped")
