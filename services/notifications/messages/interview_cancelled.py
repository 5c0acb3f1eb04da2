"""A candidate's interview was cancelled: with the file that takes it out of their calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    MessageKind,
    NameOf,
    Urgency,
    Variables,
    WebAddress,
    Wording,
)
from shared.calendar_files import CalendarEntry
from shared.events.base import ContactWithLink
from shared.events.interviews import InterviewCancelled

REASONS = {
    "candidate_unable": "you told us that you cannot come",
    "panel_unavailable": "somebody on the panel cannot come",
    "room_unavailable": "the room is not available",
    "times_changed": "the times of the interviews were changed",
    "application_ended": "your application has ended",
}


class InterviewCancelledVariables(Variables):
    vacancy_title: Line
    employer: Line
    booking_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: Line
    reason: Line
    may_book_again: bool
    link: WebAddress


def compose(event: InterviewCancelled, contact: ContactWithLink, name_of: NameOf) -> InterviewCancelledVariables:
    return InterviewCancelledVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        booking_id=event.booking_id,
        sequence=event.sequence,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place,
        reason=REASONS[event.reason],
        may_book_again=event.may_book_again,
        link=contact.link,
    )


def calendar(variables: InterviewCancelledVariables, occurred_at: datetime) -> CalendarEntry:
    return CalendarEntry(
        uid=variables.booking_id,
        sequence=variables.sequence,
        starts_at=variables.starts_at,
        ends_at=variables.ends_at,
        summary=f"Interview: {variables.vacancy_title}, {variables.employer}",
        place=variables.place,
        stamped_at=occurred_at,
        is_cancelled=True,
    )


KIND = MessageKind(
    key="interview_cancelled",
    title="Interview cancelled",
    event=InterviewCancelled,
    variables=InterviewCancelledVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    calendar=calendar,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your interview on {{ starts_at | date }} is cancelled: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Your interview with {{ employer }} to be {{ vacancy_title }} is cancelled, because {{ reason }}.

* It was to be on: {{ starts_at | date_time }} (UK time)

The file with this message takes it out of your calendar.
{% if may_book_again %}

If another time is free, you can choose it.

[Choose another time]({{ link }})

This link is only for you. Do not pass it on.
{% endif %}
""",
        )
    },
    sample=InterviewCancelledVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        booking_id=UUID("6f0d1a52-7a55-4a0e-9d0c-8f3c1c7f2a61"),
        sequence=1,
        starts_at=datetime(2026, 12, 8, 10, 30, tzinfo=UTC),
        ends_at=datetime(2026, 12, 8, 11, 15, tzinfo=UTC),
        place="Council House, Freeth Street, Oldbury, Room 2",
        reason=REASONS["panel_unavailable"],
        may_book_again=True,
        link="https://jobs.example/l/sample",
    ),
)
