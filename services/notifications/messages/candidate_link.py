"""A candidate asked for a new link to their own page."""

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
from shared.events.applications import CandidateLinkRequested
from shared.events.base import ContactWithLink


class CandidateLinkVariables(Variables):
    vacancy_title: Line
    employer: Line
    link: WebAddress
    expires_at: datetime


def compose(event: CandidateLinkRequested, contact: ContactWithLink, name_of: NameOf) -> CandidateLinkVariables:
    return CandidateLinkVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        link=contact.link,
        expires_at=event.expires_at,
    )


KIND = MessageKind(
    key="candidate_link",
    title="Link to an application",
    event=CandidateLinkRequested,
    variables=CandidateLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody asked for a link with your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your link: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Use this link to see your application to be {{ vacancy_title }} at {{ employer }}.

It works once, until {{ expires_at | date_time }}.

[See your application]({{ link }})

If you did not ask for this, you do not need to do anything. Do not pass the link on.
""",
        )
    },
    sample=CandidateLinkVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        link="https://jobs.example/l/sample",
        expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
    ),
)
