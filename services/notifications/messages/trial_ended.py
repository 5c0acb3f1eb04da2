"""A trial was ended in time, by the employee or by the employer (R41)."""

from __future__ import annotations

from datetime import date
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
from shared.events.clearing import TrialEnded


class TrialEndedVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line
    ended_on: date
    ended_by: Literal["employee", "employer"]


def compose(event: TrialEnded, contact: Contact, name_of: NameOf) -> TrialEndedVariables:
    return TrialEndedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
        ended_on=event.ended_on,
        ended_by=event.ended_by,
    )


KIND = MessageKind(
    key="trial_ended",
    title="Trial ended",
    event=TrialEnded,
    variables=TrialEndedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    applies=lambda event: not event.is_unmailed,
    because="We sent this because you were in a trial in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your trial has ended: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{% if ended_by == "employee" %}
You ended your trial as {{ vacancy_title }} at {{ gaining_employer }} on {{ ended_on | date }}.
{% else %}
{{ gaining_employer }} ended your trial as {{ vacancy_title }} on {{ ended_on | date }}.
{% endif %}

HR at {{ home_employer }} will contact you about what happens next and about your redundancy pay.
""",
        )
    },
    sample=TrialEndedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
        ended_on=date(2027, 2, 3),
        ended_by="employee",
    ),
)
