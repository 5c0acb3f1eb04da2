"""Somebody accepted a job, and is told what becomes of another application of theirs with the same employer."""

from __future__ import annotations

from typing import Literal

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    MessageKind,
    NameOf,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.applications import OtherApplicationSettled
from shared.events.base import ContactWithLink


class OtherApplicationSettledVariables(Variables):
    vacancy_title: Line
    accepted_title: Line
    employer: Line
    how: Literal["asked", "withdrawn"]
    link: WebAddress


def compose(
    event: OtherApplicationSettled, contact: ContactWithLink, name_of: NameOf
) -> OtherApplicationSettledVariables:
    return OtherApplicationSettledVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        accepted_title=event.accepted_title,
        employer=name_of(event.employer_id),
        how=event.how,
        link=contact.link,
    )


KIND = MessageKind(
    key="other_application_settled",
    title="Your other application",
    event=OtherApplicationSettled,
    variables=OtherApplicationSettledVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you accepted a job and have another application with the same employer.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your application for {{ vacancy_title }}",
            body="""
Dear {{ name }}

You accepted the job of {{ accepted_title }} at {{ employer }}. You have applied there to be {{ vacancy_title }} too.

{% if how == "withdrawn" %}
We have withdrawn that application for you. If you still want that job, write to the employer now.
{% else %}
Do you want to go on with that application? If you do, you do not need to do anything. If you do not, please \
withdraw it.
{% endif %}

[See that application]({{ link }})
""",
        )
    },
    sample=OtherApplicationSettledVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        accepted_title="Senior Housing Officer",
        employer="Sandwell Council",
        how="asked",
        link="https://jobs.example/l/sample",
    ),
)
