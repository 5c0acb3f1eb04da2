from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.ats.interviews.states import BookingState, CancelReason
from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.fields import Deadline

MAX_SLOTS_AT_ONCE = 20


def _with_a_time(value: Any) -> Any:
    if isinstance(value, str) and len(value.strip()) <= len("2027-03-26"):
        raise ValueError("give the day and the time, such as 2027-03-26T09:30")
    return value


At = Annotated[
    Deadline,
    BeforeValidator(_with_a_time),
    Field(description="ISO 8601 with a time. Without an offset it is London time.", examples=["2026-12-10T10:00"]),
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
Place = Annotated[Words, StringConstraints(max_length=200), Field(examples=["Council House, Freeth Street"])]
VideoUrl = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^https://[^\s<>\"'\\]+$"),
    Field(examples=["https://meet.example/abc"]),
]
Room = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    Field(description="Of the employer's: it is in one interview at a time", examples=["Room 2"]),
]
Adjustments = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
# Of those that staff choose; the end of an application brings its own.
StaffReason = Literal[
    CancelReason.CANDIDATE_UNABLE,
    CancelReason.PANEL_UNAVAILABLE,
    CancelReason.ROOM_UNAVAILABLE,
    CancelReason.TIMES_CHANGED,
]


class RoundCreate(Strict):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)] = Field(
        examples=["Panel interview"]
    )
    change_until_hours: int = Field(
        default=24, ge=0, le=336, description="Until so many hours before, a candidate may choose another time"
    )


class SlotsCreate(Strict):
    """One time, or `count` of them one after another with `gap_minutes` between."""

    starts_at: At
    minutes: int = Field(ge=5, le=480, examples=[45])
    count: int = Field(default=1, ge=1, le=MAX_SLOTS_AT_ONCE)
    gap_minutes: int = Field(default=0, ge=0, le=240)
    capacity: int = Field(default=1, ge=1, le=50, description="How many candidates are seen together")
    place: Place | None = None
    video_url: VideoUrl | None = None
    room: Room | None = None
    panel: list[UUID] = Field(default_factory=list, max_length=20, description="Members of the vacancy's panel")


class SlotChange(Strict):
    """What is left out stays. Who has booked is told where time or place change."""

    starts_at: At | None = None
    minutes: int | None = Field(default=None, ge=5, le=480)
    capacity: int | None = Field(default=None, ge=1, le=50)
    place: Place | None = None
    video_url: VideoUrl | None = None
    room: Room | None = None
    panel: list[UUID] | None = Field(default=None, max_length=20)


class Cancellation(Strict):
    reason: StaffReason = Field(examples=["panel_unavailable"])


class InviteToBook(Strict):
    round_id: UUID


class BookingWrite(Strict):
    slot_id: UUID
    adjustments: Adjustments = Field(
        default="",
        description="What the candidate needs changed to take part fully. Only who organises the interview reads it",
        examples=["A room without stairs."],
    )


class BookingMove(Strict):
    slot_id: UUID


class BookingRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    round_id: UUID
    slot_id: UUID
    state: BookingState
    sequence: int
    booked_at: datetime
    changed_at: datetime
    cancel_reason: CancelReason | None


class SlotRead(BaseModel):
    id: UUID
    vacancy_id: UUID
    round_id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str | None
    video_url: str | None
    room: str | None
    capacity: int
    taken: int
    panel: list[UUID]
    cancelled_at: datetime | None


class RoundRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    vacancy_id: UUID
    round_no: int
    title: str
    change_until_hours: int


class InterviewsRead(BaseModel):
    """A vacancy's rounds of interviews with their times, who is invited and who has booked."""

    rounds: list[RoundRead]
    slots: list[SlotRead]
    invited: dict[UUID, list[UUID]] = Field(description="The applications invited to each round")
    bookings: list[BookingRead]


class AdjustmentRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    application_id: UUID
    words: str
    asked_at: datetime


class OwnSlot(BaseModel):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str


class OwnBooking(BaseModel):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    video_url: str | None
    change_until: datetime
    may_move: bool


class OwnRound(BaseModel):
    id: UUID
    title: str
    booking: OwnBooking | None
    slots: list[OwnSlot] = Field(description="Times with a place left")


class OwnInterviews(BaseModel):
    """What a candidate may book, and has booked."""

    application_id: UUID
    vacancy_title: str
    employer_name: str
    adjustments: str
    rounds: list[OwnRound]
