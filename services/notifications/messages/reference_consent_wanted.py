"""A candidate is asked before a referee of theirs is written to."""

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
from shared.events.base import ContactWithLink
from shared.events.references import ReferenceConsentWanted


class ReferenceConsentWantedVariables(Variables):
    vacancy_title: Line
    employer: Line
    link: WebAddress


def compose(
    event: ReferenceConsentWanted, contact: ContactWithLink, name_of: NameOf
) -> ReferenceConsentWantedVariables:
    return ReferenceConsentWantedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        link=contact.link,
    )


KIND = MessageKind(
    key="reference_consent_wanted",
    title="May we write to your referee",
    event=ReferenceConsentWanted,
    variables=ReferenceConsentWantedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you asked us to tell you before we contact a referee.",
    wording={
        Channel.EMAIL: Wording(
            subject="May we write to your referee? {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} would like to ask a referee of yours about you, for your application to be {{ vacancy_title }}.

You asked to be told first. We write to nobody until you agree.

[See your application and answer]({{ link }})
""",
        )
    },
    sample=ReferenceConsentWantedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        link="https://jobs.example/l/sample",
    ),
)
