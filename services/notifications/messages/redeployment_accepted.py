"""A displaced employee has accepted a post, and gets it in writing (R33)."""

from __future__ import annotations

from datetime import date

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.clearing import RedeploymentAccepted


class RedeploymentAcceptedVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line
    starts_on: date


def compose(event: RedeploymentAccepted, contact: Contact, name_of: NameOf) -> RedeploymentAcceptedVariables:
    return RedeploymentAcceptedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
        starts_on=event.starts_on,
    )


KIND = MessageKind(
    key="redeployment_accepted",
    title="Redeployment accepted",
    event=RedeploymentAccepted,
    variables=RedeploymentAcceptedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    because="We sent this because you accepted this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="You have accepted: {{ vacancy_title }}",
            body="""
Dear {{ name }}

You have accepted the job of {{ vacancy_title }} at {{ gaining_employer }}. You start on {{ starts_on | date }}.

We have told {{ home_employer }} and {{ gaining_employer }}. Any other jobs that you were interested in have been \
withdrawn for you.

You stay employed by {{ home_employer }} until the day you start.
""",
        )
    },
    sample=RedeploymentAcceptedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
        starts_on=date(2027, 1, 11),
    ),
)
