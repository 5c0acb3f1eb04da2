"""Every check is done: the candidate can start."""

from __future__ import annotations

from datetime import date

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
from shared.events.applications import CandidateCleared
from shared.events.base import Contact


class ClearedToStartVariables(Variables):
    vacancy_title: Line
    employer: Line
    starts_on: date


def compose(event: CandidateCleared, contact: Contact, name_of: NameOf) -> ClearedToStartVariables:
    return ClearedToStartVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        starts_on=event.starts_on,
    )


KIND = MessageKind(
    key="cleared_to_start",
    title="Cleared to start",
    event=CandidateCleared,
    variables=ClearedToStartVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you accepted this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="You can start on {{ starts_on | date }}: {{ vacancy_title }}",
            body="""
Dear {{ name }}

All the checks for your new job are done. You can start as {{ vacancy_title }} at {{ employer }} on \
{{ starts_on | date }}.

If you still need to hand in your notice where you work now, you can do it today.

{{ employer }} will tell you where to go on your first day.
""",
        )
    },
    sample=ClearedToStartVariables(
        name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council", starts_on=date(2027, 1, 11)
    ),
)
