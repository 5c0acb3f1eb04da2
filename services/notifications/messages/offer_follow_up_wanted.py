"""A redeployment offer came to nothing: the home council's HR has the next step (R34, R35)."""

from __future__ import annotations

from typing import Literal

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
from shared.events.base import Contact
from shared.events.clearing_tasks import OfferFollowUpWanted


class OfferFollowUpWantedVariables(Variables):
    vacancy_title: Line
    ending: Literal["refused", "lapsed", "withdrawn", "cancelled"]


def compose(event: OfferFollowUpWanted, contact: Contact, _name_of: NameOf) -> OfferFollowUpWantedVariables:
    return OfferFollowUpWantedVariables(name=contact.name, vacancy_title=event.vacancy_title, ending=event.ending)


KIND = MessageKind(
    key="offer_follow_up_wanted",
    title="Offer follow-up wanted",
    event=OfferFollowUpWanted,
    variables=OfferFollowUpWantedVariables,
    compose=compose,
    audience=Audience.REDEPLOYMENT_STAFF,
    urgency=Urgency.SOON,
    because="We sent this because you look after redeployment for your council.",
    wording={
        Channel.EMAIL: Wording(
            subject="Please follow up: offer of {{ vacancy_title }}",
            body="""
Dear {{ name }}

{% if ending == "lapsed" %}
One of your staff whose job is at risk did not reply in time to an offer of a job: {{ vacancy_title }}.

Please contact them before anything follows from it. Silence is not a refusal.
{% elif ending == "refused" %}
One of your staff whose job is at risk has refused an offer of a job: {{ vacancy_title }}.

Please open their refusal case. Whether the job was suitable, and the refusal unreasonable, is for you to decide, \
after they have had at least 5 working days to tell you their reasons.
{% elif ending == "withdrawn" %}
An offer to one of your staff whose job is at risk has been withdrawn: {{ vacancy_title }}.

They are still on the register. Please talk to them about what comes next.
{% else %}
One of your staff has left the register before starting a job that they had accepted: {{ vacancy_title }}.
{% endif %}

Sign in to see the referral.
""",
        )
    },
    sample=OfferFollowUpWantedVariables(name="Helen Price", vacancy_title="Housing Officer", ending="lapsed"),
)
