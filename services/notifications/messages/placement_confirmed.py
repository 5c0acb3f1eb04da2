"""A redeployment stands: the trial is over, or none was needed (R42)."""

from __future__ import annotations

from datetime import date

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.clearing import PlacementConfirmed


class PlacementConfirmedVariables(Variables):
    vacancy_title: Line
    gaining_employer: Line
    starts_on: date


def compose(event: PlacementConfirmed, contact: Contact, name_of: NameOf) -> PlacementConfirmedVariables:
    return PlacementConfirmedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        gaining_employer=name_of(event.gaining_employer_id),
        starts_on=event.starts_on,
    )


KIND = MessageKind(
    key="placement_confirmed",
    title="Placement confirmed",
    event=PlacementConfirmed,
    variables=PlacementConfirmedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    because="We sent this because you took this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="The job is yours: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Your job as {{ vacancy_title }} at {{ gaining_employer }} is confirmed. Your start date there is \
{{ starts_on | date }}.

We will not look for other jobs for you any more. We wish you well in this one.
""",
        )
    },
    sample=PlacementConfirmedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        gaining_employer="Sandwell Council",
        starts_on=date(2027, 1, 11),
    ),
)
