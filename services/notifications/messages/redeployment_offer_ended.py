"""A redeployment offer came to nothing, and the person has it in writing (R33-R35)."""

from __future__ import annotations

from typing import Literal

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    Lines,
    MessageKind,
    NameOf,
    Urgency,
    Variables,
    Wording,
)
from shared.events.base import ContactWithReasons
from shared.events.clearing import RedeploymentOfferEnded

Ending = Literal["refused", "lapsed", "withdrawn", "cancelled"]


class RedeploymentOfferEndedVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line
    ending: Ending
    reasons: Lines


def compose(
    event: RedeploymentOfferEnded, contact: ContactWithReasons, name_of: NameOf
) -> RedeploymentOfferEndedVariables:
    return RedeploymentOfferEndedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
        ending=event.ending,
        reasons=contact.reasons,
    )


KIND = MessageKind(
    key="redeployment_offer_ended",
    title="Redeployment offer ended",
    event=RedeploymentOfferEnded,
    variables=RedeploymentOfferEndedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    because="We sent this because you had an offer of this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ 'Your offer has been withdrawn' if ending == 'withdrawn' else 'Your offer has ended' }}:"
            " {{ vacancy_title }}",
            body="""
Dear {{ name }}

{% if ending == "withdrawn" %}
We are sorry to tell you that {{ gaining_employer }} has withdrawn its offer of the job of {{ vacancy_title }}.
{% elif ending == "lapsed" %}
The time to reply to the offer of the job of {{ vacancy_title }} at {{ gaining_employer }} is over, and we have not \
heard from you. This does not count as a refusal.
{% elif ending == "refused" %}
You have refused the offer of the job of {{ vacancy_title }} at {{ gaining_employer }}.
{% else %}
You have left the redeployment register, so you will not start as {{ vacancy_title }} at {{ gaining_employer }}.
{% endif %}

{% if reasons %}
{{ "What you wrote:" if ending == "refused" else "The reasons are:" }}

> {{ reasons | lines }}
{% endif %}

{% if ending == "withdrawn" %}
We will keep looking for other jobs that fit you. If you think that this is wrong, talk to HR at {{ home_employer }}.
{% elif ending == "lapsed" %}
HR at {{ home_employer }} will contact you. If you wanted this job, tell them as soon as you can.
{% elif ending == "refused" %}
HR at {{ home_employer }} will contact you. They decide whether this changes your redundancy pay, and you can tell \
them your reasons first.
{% else %}
If you did not expect this, talk to HR at {{ home_employer }}.
{% endif %}
""",
        )
    },
    sample=RedeploymentOfferEndedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
        ending="withdrawn",
        reasons="The post has been cut from next year's budget.",
    ),
)
