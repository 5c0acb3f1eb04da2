"""A candidate's interview has a time, or another one than before: with the file for their calendar."""

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
from shared.events.interviews import ContactForInterview, InterviewBooked, InterviewMoved


class InterviewTimeVariables(Variables):
    vacancy_title: Line
    employer: Line
    booking_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: Line
    video_url: Line
    change_until: datetime
    link: WebAddress


def compose(
    event: InterviewBooked | InterviewMoved, contact: ContactForInterview, name_of: NameOf
) -> InterviewTimeVariables:
    return InterviewTimeVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        booking_id=event.booking_id,
        sequence=event.sequence,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place,
        video_url=contact.video_url,
        change_until=event.change_until,
        link=contact.link,
    )


def calendar(variables: InterviewTimeVariables, occurred_at: datetime) -> CalendarEntry:
    return CalendarEntry(
        uid=variables.booking_id,
        sequence=variables.sequence,
        starts_at=variables.starts_at,
        ends_at=variables.ends_at,
        summary=f"Interview: {variables.vacancy_title}, {variables.employer}",
        place=variables.place,
        url=variables.video_url,
        stamped_at=occurred_at,
    )


DETAILS = """
* When: {{ starts_at | date_time }} to {{ ends_at | time }} (UK time)
* Where: {{ place }}
{% if video_url %}
* Video call: {{ video_url }}
{% endif %}

The file with this message puts it into your calendar.

You can choose another time until {{ change_until | date_time }}, or cancel.

[See your interview]({{ link }})

This link is only for you. Do not pass it on.
"""
SAMPLE = InterviewTimeVariables(
    name="Amina Khan",
    vacancy_title="Housing Officer",
    employer="Sandwell Council",
    booking_id=UUID("6f0d1a52-7a55-4a0e-9d0c-8f3c1c7f2a61"),
    sequence=0,
    starts_at=datetime(2026, 12, 8, 10, 30, tzinfo=UTC),
    ends_at=datetime(2026, 12, 8, 11, 15, tzinfo=UTC),
    place="Council House, Freeth Street, Oldbury, Room 2",
    video_url="https://meet.example/abc",
    change_until=datetime(2026, 12, 7, 10, 30, tzinfo=UTC),
    link="https://jobs.example/l/sample",
)
BECAUSE = "We sent this because you applied for this job."

BOOKED = MessageKind(
    key="interview_booked",
    title="Interview booked",
    event=InterviewBooked,
    variables=InterviewTimeVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.starts_at,
    calendar=calendar,
    because=BECAUSE,
    wording={
        Channel.EMAIL: Wording(
            subject="Your interview on {{ starts_at | date }}: {{ vacancy_title }}",
            body=f"""
Dear {{{{ name }}}}

Your interview with {{{{ employer }}}} to be {{{{ vacancy_title }}}} is booked.
{DETAILS}""",
        )
    },
    sample=SAMPLE,
)
MOVED = MessageKind(
    key="interview_moved",
    title="Interview moved",
    event=InterviewMoved,
    variables=InterviewTimeVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.starts_at,
    calendar=calendar,
    because=BECAUSE,
    wording={
        Channel.EMAIL: Wording(
            subject="Your interview has changed, {{ starts_at | date }}: {{ vacancy_title }}",
            body=f"""
Dear {{{{ name }}}}

The time or the place of your interview with {{{{ employer }}}} to be {{{{ vacancy_title }}}} has changed. This is how \
it is now.
{DETAILS}""",
        )
    },
    sample=SAMPLE.model_copy(update={"sequence": 1}),
)
