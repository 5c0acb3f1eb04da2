"""An offer has been taken back."""

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
from shared.events.applications import OfferWithdrawn
from shared.events.base import Contact


class OfferWithdrawnVariables(Variables):
    vacancy_title: Line
    employer: Line


def compose(event: OfferWithdrawn, contact: Contact, name_of: NameOf) -> OfferWithdrawnVariables:
    return OfferWithdrawnVariables(
        name=contact.name, vacancy_title=event.vacancy_title, employer=name_of(event.employer_id)
    )


KIND = MessageKind(
    key="offer_withdrawn",
    title="Offer withdrawn",
    event=OfferWithdrawn,
    variables=OfferWithdrawnVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you had an offer for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your offer has been withdrawn: {{ vacancy_title }}",
            body="""
Dear {{ name }}

We are sorry to tell you that {{ employer }} has withdrawn its offer for the job of {{ vacancy_title }}.

To ask why, contact {{ employer }}.
""",
        )
    },
    sample=OfferWithdrawnVariables(name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council"),
)
