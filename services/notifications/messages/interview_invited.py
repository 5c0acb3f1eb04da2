"""A candidate is invited to an interview."""

from __future__ import annotations

from datetime import UTC, datetime

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
from shared.events.base import Contact
from shared.events.interviews import InterviewInvited


class InterviewInvitedVariables(Variables):
    vacancy_title: Line
    employer: Line
    starts_at: datetime
    place: Line


def compose(event: InterviewInvited, contact: Contact, name_of: NameOf) -> InterviewInvitedVariables:
    return InterviewInvitedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        starts_at=event.starts_at,
        place=event.place,
    )


KIND = MessageKind(
    key="interview_invited",
    title="Invited to an interview",
    event=InterviewInvited,
    variables=InterviewInvitedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.starts_at,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Interview on {{ starts_at | date }}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} would like to interview you to be {{ vacancy_title }}.

* When: {{ starts_at | date_time }} (UK time)
* Where: {{ place }}

If you cannot come, or you need anything changed so that you can take part fully, tell {{ employer }} as soon as you \
can.
""",
        )
    },
    sample=InterviewInvitedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        starts_at=datetime(2026, 12, 8, 10, 30, tzinfo=UTC),
        place="Council House, Freeth Street, Oldbury",
    ),
)
