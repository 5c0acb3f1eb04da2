"""A candidate is offered the job."""

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
from shared.events.applications import OfferMade
from shared.events.base import ContactWithLink


class OfferMadeVariables(Variables):
    vacancy_title: Line
    employer: Line
    salary_pence: int
    reply_by: datetime
    link: WebAddress
    is_changed: bool = False


def compose(event: OfferMade, contact: ContactWithLink, name_of: NameOf) -> OfferMadeVariables:
    return OfferMadeVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        salary_pence=event.salary_pence,
        reply_by=event.reply_by,
        link=contact.link,
        is_changed=event.replaces_offer_id is not None,
    )


KIND = MessageKind(
    key="offer_made",
    title="Offer made",
    event=OfferMade,
    variables=OfferMadeVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.reply_by,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="{% if is_changed %}Changed job offer{% else %}Job offer{% endif %}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} would like to offer you the job of {{ vacancy_title }}.
{% if is_changed %}
This takes the place of the offer that you had from us: please answer this one.
{% endif %}
* Pay: {{ salary_pence | pence }} a year
* Reply by: {{ reply_by | date_time }}

Your start depends on the checks that the job needs. Do not hand in your notice until we tell you that they are done.

[See the offer and reply]({{ link }})

This link is only for you. Do not pass it on.
""",
        )
    },
    sample=OfferMadeVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        salary_pence=3_481_100,
        reply_by=datetime(2026, 12, 18, 17, 0, tzinfo=UTC),
        link="https://jobs.example/l/sample",
    ),
)
