"""What became of a referral, with the reasons that the person is owed (R19, R31)."""

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
from shared.events.clearing import ReferralOutcomeRecorded

Outcome = Literal[
    "not_referred",
    "not_shortlisted",
    "interview_offered",
    "interviewed",
    "not_appointed",
    "withdrawn",
    "vacancy_closed",
]


class ReferralOutcomeVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line
    outcome: Outcome
    reasons: Lines


def compose(event: ReferralOutcomeRecorded, contact: ContactWithReasons, name_of: NameOf) -> ReferralOutcomeVariables:
    return ReferralOutcomeVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
        outcome=event.outcome,
        reasons=contact.reasons,
    )


KIND = MessageKind(
    key="referral_outcome",
    title="Referral outcome",
    event=ReferralOutcomeRecorded,
    variables=ReferralOutcomeVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    applies=lambda event: not event.is_unmailed,
    because="We sent this because you said that you were interested in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ 'You will have an interview' if outcome == 'interview_offered' else 'About your referral' }}:"
            " {{ vacancy_title }}",
            body="""
Dear {{ name }}

{% if outcome == "interview_offered" %}
Good news. {{ gaining_employer }} will interview you for the job of {{ vacancy_title }}. They will contact you to \
agree a time.
{% elif outcome == "interviewed" %}
{{ gaining_employer }} has recorded that you were interviewed for the job of {{ vacancy_title }}. We will email you \
when it has decided.
{% elif outcome == "not_referred" %}
HR at {{ home_employer }} has decided not to put you forward for the job of {{ vacancy_title }} at \
{{ gaining_employer }}.
{% elif outcome == "not_shortlisted" %}
{{ gaining_employer }} has decided not to interview you for the job of {{ vacancy_title }}.
{% elif outcome == "not_appointed" %}
{{ gaining_employer }} has decided not to offer you the job of {{ vacancy_title }}.
{% elif outcome == "withdrawn" %}
You are no longer being considered for the job of {{ vacancy_title }} at {{ gaining_employer }}, because your \
interest was withdrawn.
{% else %}
{{ gaining_employer }} is no longer filling the job of {{ vacancy_title }}.
{% endif %}

{% if reasons %}
{{ "What they wrote:" if outcome in ["interview_offered", "interviewed"] else "The reasons are:" }}

> {{ reasons | lines }}
{% endif %}

{% if outcome in ["not_referred", "not_shortlisted", "not_appointed"] %}
If you think that this is wrong, talk to HR at {{ home_employer }}. We will keep looking for other jobs that fit you.
{% elif outcome in ["withdrawn", "vacancy_closed"] %}
We will keep looking for other jobs that fit you.
{% endif %}
""",
        )
    },
    sample=ReferralOutcomeVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
        outcome="not_shortlisted",
        reasons="Criterion E2: 12 months' work in housing law is needed. You have told us about 3 months.",
    ),
)
