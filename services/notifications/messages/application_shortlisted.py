"""A candidate has been shortlisted."""

from __future__ import annotations

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
from shared.events.applications import ApplicationShortlisted
from shared.events.base import Contact


class ApplicationShortlistedVariables(Variables):
    vacancy_title: Line
    employer: Line


def compose(event: ApplicationShortlisted, contact: Contact, name_of: NameOf) -> ApplicationShortlistedVariables:
    return ApplicationShortlistedVariables(
        name=contact.name, vacancy_title=event.vacancy_title, employer=name_of(event.employer_id)
    )


KIND = MessageKind(
    key="application_shortlisted",
    title="Shortlisted",
    event=ApplicationShortlisted,
    variables=ApplicationShortlistedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="You have been shortlisted: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Good news. You have been shortlisted to be {{ vacancy_title }} at {{ employer }}.

We will write again to invite you to an interview.

If you need anything changed so that you can take part fully, reply to the invitation and tell us. For example, more \
time, a step-free room or written questions.
""",
        )
    },
    sample=ApplicationShortlistedVariables(
        name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council"
    ),
)
