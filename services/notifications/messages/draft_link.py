"""A link to an application that is begun and not sent. Its person gave no name yet."""

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
from shared.events.applications import DraftContact, DraftLinkWanted


class DraftLinkVariables(Variables):
    vacancy_title: Line
    employer: Line
    link: WebAddress
    closes_at: datetime


def compose(event: DraftLinkWanted, contact: DraftContact, _name_of: NameOf) -> DraftLinkVariables:
    return DraftLinkVariables(
        name=contact.name,
        vacancy_title=contact.vacancy_title,
        employer=contact.employer,
        link=contact.link,
        closes_at=event.closes_at,
    )


SAMPLE = DraftLinkVariables(
    name="",
    vacancy_title="Housing Officer",
    employer="Sandwell Council",
    link="https://jobs.example/l/sample",
    closes_at=datetime(2026, 11, 30, 23, 59, tzinfo=UTC),
)

KIND = MessageKind(
    key="draft_link",
    title="Link to a draft application",
    event=DraftLinkWanted,
    applies=lambda event: event.wanted_for != "reminder",
    variables=DraftLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody began an application, or asked for a link to one, with your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your draft: {{ vacancy_title }}",
            body="""
Hello

You have begun to apply to be {{ vacancy_title }} at {{ employer }}. It is not sent yet.

Use this link to go on with it, here or on another device. It works once; earlier links no longer work.

[Go on with your application]({{ link }})

The job closes at {{ closes_at | date_time }}.

Was it not you? You do not need to do anything. Nothing is sent, and the draft is deleted after the job has closed.
""",
        )
    },
    sample=SAMPLE,
)

REMINDER = MessageKind(
    key="draft_reminder",
    title="Draft application: the job closes soon",
    event=DraftLinkWanted,
    applies=lambda event: event.wanted_for == "reminder",
    variables=DraftLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.closes_at,
    because="We sent this because somebody began an application with your email address and has not sent it.",
    wording={
        Channel.EMAIL: Wording(
            subject="Closing soon: {{ vacancy_title }}",
            body="""
Hello

You have begun to apply to be {{ vacancy_title }} at {{ employer }}, and have not sent it.

The job closes at {{ closes_at | date_time }}.

[Go on with your application]({{ link }})

The link works once; earlier links no longer work. Do not want to apply any more? You do not need to do anything.
""",
        )
    },
    sample=SAMPLE,
)
