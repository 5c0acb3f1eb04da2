"""A trial period has begun (R38, R39)."""

from __future__ import annotations

from datetime import date

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.clearing import TrialStarted


class TrialStartedVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line
    starts_on: date
    ends_on: date


def compose(event: TrialStarted, contact: Contact, name_of: NameOf) -> TrialStartedVariables:
    return TrialStartedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
        starts_on=event.starts_on,
        ends_on=event.ends_on,
    )


KIND = MessageKind(
    key="trial_started",
    title="Trial started",
    event=TrialStarted,
    variables=TrialStartedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    because="We sent this because you are starting a trial in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your trial ends on {{ ends_on | date }}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Your trial as {{ vacancy_title }} at {{ gaining_employer }} starts on {{ starts_on | date }}. The last day is \
{{ ends_on | date }}.

The trial is there for you and for {{ gaining_employer }} to find out whether the job is right.

If it is not right for you, say so in writing on or before {{ ends_on | date }}. Holidays and sick days do not make \
the trial longer. If nobody ends it by then, the job is yours.

Talk to HR at {{ home_employer }} before you decide to end it.
""",
        )
    },
    sample=TrialStartedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
        starts_on=date(2027, 1, 11),
        ends_on=date(2027, 2, 7),
    ),
)
