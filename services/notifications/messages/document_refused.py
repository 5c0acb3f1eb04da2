"""A scanner found a candidate's document to be harmful."""

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
from shared.events.applications import DocumentRefused
from shared.events.base import ContactWithLink


class DocumentRefusedVariables(Variables):
    vacancy_title: Line
    employer: Line
    link: WebAddress


def compose(event: DocumentRefused, contact: ContactWithLink, name_of: NameOf) -> DocumentRefusedVariables:
    return DocumentRefusedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        link=contact.link,
    )


KIND = MessageKind(
    key="document_refused",
    title="Document refused",
    event=DocumentRefused,
    variables=DocumentRefusedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you sent a document with your application.",
    wording={
        Channel.EMAIL: Wording(
            subject="We could not accept a document: {{ vacancy_title }}",
            body="""
Dear {{ name }}

You sent a document with your application to be {{ vacancy_title }} at {{ employer }}. Our virus scanner found it to \
be harmful, so we deleted it. Nobody at {{ employer }} has opened it.

Your application stands. Your page shows which document it was, and there you can send another.

[See your documents]({{ link }})

The device that the document comes from may have a virus. Check it before you send another.
""",
        )
    },
    sample=DocumentRefusedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        link="https://ats.example/l/sample",
    ),
)
