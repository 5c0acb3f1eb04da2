"""More are interested than can be seen: this person waits, and is told where they stand (R30a)."""

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
from shared.events.base import Contact
from shared.events.clearing import InterviewAwaited


class InterviewAwaitedVariables(Variables):
    vacancy_title: Line
    gaining_employer: Line
    place: int


def compose(event: InterviewAwaited, contact: Contact, name_of: NameOf) -> InterviewAwaitedVariables:
    return InterviewAwaitedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        gaining_employer=name_of(event.gaining_employer_id),
        place=event.place,
    )


KIND = MessageKind(
    key="interview_awaited",
    title="Waiting for an interview",
    event=InterviewAwaited,
    variables=InterviewAwaitedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    because="We sent this because you said that you were interested in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="You are waiting for an interview: {{ vacancy_title }}",
            body="""
Dear {{ name }}

More people at risk of redundancy are interested in the job of {{ vacancy_title }} than {{ gaining_employer }} can \
interview at first.

You are number {{ place }} of those who are waiting. If the job is still open, you will be seen before anyone outside \
the redeployment register. We will email you either way.
""",
        )
    },
    sample=InterviewAwaitedVariables(
        name="Daniel Okafor", vacancy_title="Housing Officer", gaining_employer="Sandwell Council", place=2
    ),
)
