"""A referee is asked about a candidate, and reminded."""

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
    WebAddress,
    Wording,
)
from shared.events.references import RefereeContact, ReferenceWanted


class ReferenceWantedVariables(Variables):
    candidate: Line
    vacancy_title: Line
    employer: Line
    link: WebAddress
    expires_at: datetime
    is_reminder: bool


def compose(event: ReferenceWanted, contact: RefereeContact, name_of: NameOf) -> ReferenceWantedVariables:
    return ReferenceWantedVariables(
        name=contact.name,
        candidate=contact.candidate_name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        link=contact.link,
        expires_at=event.expires_at,
        is_reminder=event.reminder_no > 0,
    )


KIND = MessageKind(
    key="reference_wanted",
    title="Asked for a reference",
    event=ReferenceWanted,
    variables=ReferenceWantedVariables,
    compose=compose,
    audience=Audience.REFEREE,
    urgency=Urgency.NORMAL,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because a candidate named you as a referee.",
    wording={
        Channel.EMAIL: Wording(
            subject="{% if is_reminder %}Reminder: {% endif %}Reference for {{ candidate }}",
            body="""
Dear {{ name }}

{{ candidate }} has applied to be {{ vacancy_title }} at {{ employer }}, and named you as a referee. \
{% if is_reminder %}We asked you before and have not had your answer yet.{% endif %}

Please fill in a short form. It takes about ten minutes.

[Give the reference]({{ link }})

The link works once, until {{ expires_at | date_time }}. Do not pass it on. If you cannot give a reference, you do \
not need to do anything.
""",
        )
    },
    sample=ReferenceWantedVariables(
        name="Morgan Lee",
        candidate="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        link="https://jobs.example/l/sample",
        expires_at=datetime(2027, 2, 8, 10, 15, tzinfo=UTC),
        is_reminder=False,
    ),
)
