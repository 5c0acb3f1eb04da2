"""What `ats` tells of interviews: who may choose a time, and which time is whose."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, Event, Sealed
from shared.vocabulary import Service


class InterviewInvited(Event):
    name: ClassVar[str] = "ats.interview_invited.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    starts_at: datetime
    place: str


class ContactForInterview(ContactWithLink):
    """With the address of a video call, which opens it to whoever has it: empty where there is none."""

    video_url: str


class InterviewBookingWanted(Event):
    """A candidate chooses a time of an interview round by their link."""

    name: ClassVar[str] = "ats.interview_booking_wanted.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    round_title: str


class InterviewBooked(Event):
    """A time of a round is a candidate's. `booking_id` is the appointment in their calendar, `sequence` its state."""

    name: ClassVar[str] = "ats.interview_booked.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactForInterview}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    booking_id: UUID
    sequence: int
    vacancy_title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    change_until: datetime


class InterviewMoved(Event):
    """The same appointment at another time or place, by the candidate or by the council."""

    name: ClassVar[str] = "ats.interview_moved.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactForInterview}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    booking_id: UUID
    sequence: int
    vacancy_title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    change_until: datetime


class PanelContact(Contact):
    """A member of the panel, with the address of a video call: empty where there is none."""

    video_url: str


class PanelInterviewSet(Event):
    """A member of the panel has an interview at this time with a candidate by reference. `appointment_id` is theirs."""

    name: ClassVar[str] = "ats.panel_interview_set.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: PanelContact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    member_id: UUID
    appointment_id: UUID
    sequence: int
    vacancy_title: str
    candidate_reference: str
    starts_at: datetime
    ends_at: datetime
    place: str


class PanelInterviewCancelled(Event):
    """A member of the panel has this interview no more: it was cancelled or moved, or others hold it."""

    name: ClassVar[str] = "ats.panel_interview_cancelled.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: PanelContact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    member_id: UUID
    appointment_id: UUID
    sequence: int
    vacancy_title: str
    candidate_reference: str
    starts_at: datetime
    ends_at: datetime
    place: str


class InterviewCancelled(Event):
    """`may_book_again` where the round is still open to the candidate."""

    name: ClassVar[str] = "ats.interview_cancelled.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    booking_id: UUID
    sequence: int
    vacancy_title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    reason: Literal["candidate_unable", "panel_unavailable", "room_unavailable", "times_changed", "application_ended"]
    may_book_again: bool
