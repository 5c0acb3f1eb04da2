"""A member of a panel has an interview, has it at another time, or no more: with the file for their calendar."""

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
    Wording,
)
from shared.calendar_files import CalendarEntry
from shared.events.interviews import PanelContact, PanelInterviewCancelled, PanelInterviewSet


class PanelInterviewVariables(Variables):
    vacancy_title: Line
    employer: Line
    candidate_reference: Line
    appointment_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: Line
    video_url: Line
    is_cancelled: bool


def compose(
    event: PanelInterviewSet | PanelInterviewCancelled, contact: PanelContact, name_of: NameOf
) -> PanelInterviewVariables:
    return PanelInterviewVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        candidate_reference=event.candidate_reference,
        appointment_id=event.appointment_id,
        sequence=event.sequence,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place,
        video_url=contact.video_url,
        is_cancelled=isinstance(event, PanelInterviewCancelled),
    )


def calendar(variables: PanelInterviewVariables, occurred_at: datetime) -> CalendarEntry:
    return CalendarEntry(
        uid=variables.appointment_id,
        sequence=variables.sequence,
        starts_at=variables.starts_at,
        ends_at=variables.ends_at,
        summary=f"Interview {variables.candidate_reference}: {variables.vacancy_title}, {variables.employer}",
        place=variables.place,
        url=variables.video_url,
        stamped_at=occurred_at,
        is_cancelled=variables.is_cancelled,
    )


SAMPLE = PanelInterviewVariables(
    name="Priya Shah",
    vacancy_title="Housing Officer",
    employer="Sandwell Council",
    candidate_reference="SAW-2026-00123-07",
    appointment_id=UUID("0d1f6a52-7a55-4a0e-9d0c-8f3c1c7f2a61"),
    sequence=0,
    starts_at=datetime(2026, 12, 8, 10, 30, tzinfo=UTC),
    ends_at=datetime(2026, 12, 8, 11, 15, tzinfo=UTC),
    place="Council House, Freeth Street, Oldbury, Room 2",
    video_url="https://meet.example/abc",
    is_cancelled=False,
)
BECAUSE = "We sent this because you are on the panel of this vacancy."

SET = MessageKind(
    key="panel_interview_set",
    title="Interview for the panel",
    event=PanelInterviewSet,
    variables=PanelInterviewVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.starts_at,
    calendar=calendar,
    because=BECAUSE,
    wording={
        Channel.EMAIL: Wording(
            subject="You interview on {{ starts_at | date }}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{% if sequence %}
An interview of yours for the job of {{ vacancy_title }} at {{ employer }} has changed. This is how it is now.
{% else %}
A candidate for the job of {{ vacancy_title }} at {{ employer }} has chosen a time at which you interview.
{% endif %}

* Candidate: {{ candidate_reference }}
* When: {{ starts_at | date_time }} to {{ ends_at | time }} (UK time)
* Where: {{ place }}
{% if video_url %}
* Video call: {{ video_url }}
{% endif %}

The file with this message puts it into your calendar. Sign in and open Panels for their application.
""",
        )
    },
    sample=SAMPLE,
)
CANCELLED = MessageKind(
    key="panel_interview_cancelled",
    title="Interview of the panel cancelled",
    event=PanelInterviewCancelled,
    variables=PanelInterviewVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.SOON,
    calendar=calendar,
    because=BECAUSE,
    wording={
        Channel.EMAIL: Wording(
            subject="You no longer interview on {{ starts_at | date }}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

You no longer hold this interview for the job of {{ vacancy_title }} at {{ employer }}.

* Candidate: {{ candidate_reference }}
* It was to be on: {{ starts_at | date_time }} (UK time)

The file with this message takes it out of your calendar.
""",
        )
    },
    sample=SAMPLE.model_copy(update={"sequence": 1, "video_url": "", "is_cancelled": True}),
)
