"""Days 14, 21 and 26 of a trial (R42): what happens if nobody says anything."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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
from shared.events.clearing import TrialReminderDue

# The shortest step between two reminders is five days: a reminder that the next one has overtaken is not sent.
OVERTAKEN_AFTER = timedelta(days=5)


class TrialReminderVariables(Variables):
    vacancy_title: Line
    gaining_employer: Line
    day: int
    ends_on: date


def compose(event: TrialReminderDue, contact: Contact, name_of: NameOf) -> TrialReminderVariables:
    return TrialReminderVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        gaining_employer=name_of(event.gaining_employer_id),
        day=event.day,
        ends_on=event.ends_on,
    )


def lapses_at(_event: TrialReminderDue, occurred_at: datetime) -> datetime:
    return occurred_at + OVERTAKEN_AFTER


KIND = MessageKind(
    key="trial_reminder",
    title="Trial reminder",
    event=TrialReminderDue,
    variables=TrialReminderVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    lapses_at=lapses_at,
    because="We sent this because you are in a trial in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your trial ends on {{ ends_on | date }}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Today is day {{ day }} of your trial as {{ vacancy_title }} at {{ gaining_employer }}. The last day is \
{{ ends_on | date }}.

* If the job is right for you, you do not need to do anything. It is yours from the day after the trial ends.
* If it is not right for you, say so in writing on or before {{ ends_on | date }}.

If you say nothing by then, you have taken the job. You may then no longer get redundancy pay for your old one.
""",
        )
    },
    sample=TrialReminderVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        gaining_employer="Sandwell Council",
        day=21,
        ends_on=date(2027, 2, 7),
    ),
)
