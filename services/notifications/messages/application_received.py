"""A candidate's application has arrived."""

from __future__ import annotations

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
from shared.events.applications import ApplicationReceived
from shared.events.base import ContactWithLink


class ApplicationReceivedVariables(Variables):
    vacancy_title: Line
    employer: Line
    reference: Line
    link: WebAddress


def compose(event: ApplicationReceived, contact: ContactWithLink, name_of: NameOf) -> ApplicationReceivedVariables:
    return ApplicationReceivedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        reference=event.reference,
        link=contact.link,
    )


KIND = MessageKind(
    key="application_received",
    title="Application received",
    event=ApplicationReceived,
    variables=ApplicationReceivedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="We have your application: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Thank you for applying to be {{ vacancy_title }} at {{ employer }}.

Your application number is {{ reference }}.

# What happens next

The people hiring will read every application after the job closes. We will email you when there is news.

You can see how your application is going, or withdraw it, at any time.

[See your application]({{ link }})

This link is only for you. Do not pass it on.
""",
        )
    },
    sample=ApplicationReceivedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        reference="SAW-2026-00123-0042",
        link="https://jobs.example/l/sample",
    ),
)
