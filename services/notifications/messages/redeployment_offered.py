"""A displaced employee is offered a post (R32)."""

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
from shared.events.base import ContactWithLink
from shared.events.clearing import RedeploymentOffered


class RedeploymentOfferedVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line
    reply_by: datetime
    link: WebAddress


def compose(event: RedeploymentOffered, contact: ContactWithLink, name_of: NameOf) -> RedeploymentOfferedVariables:
    return RedeploymentOfferedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
        reply_by=event.reply_by,
        link=contact.link,
    )


KIND = MessageKind(
    key="redeployment_offered",
    title="Redeployment offered",
    event=RedeploymentOffered,
    variables=RedeploymentOfferedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.reply_by,
    because="We sent this because you said that you were interested in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Job offer: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ gaining_employer }} offers you the job of {{ vacancy_title }}.

Please reply by {{ reply_by | date_time }}.

[See the offer and reply]({{ link }})

# Before you decide

Talk to HR at {{ home_employer }} if you are not sure. They can tell you how the offer changes your pay and your \
rights. Refusing a suitable offer without a good reason can affect your redundancy pay, so ask before you say no.

This link is only for you. Do not pass it on.
""",
        )
    },
    sample=RedeploymentOfferedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
        reply_by=datetime(2026, 12, 11, 17, 0, tzinfo=UTC),
        link="https://clearing.example/l/sample",
    ),
)
