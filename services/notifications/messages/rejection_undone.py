"""Somebody was told that they were not chosen, and the council has taken that back."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import ApplicationRejectionUndone
from shared.events.base import Contact


class RejectionUndoneVariables(Variables):
    vacancy_title: Line
    employer: Line


def compose(event: ApplicationRejectionUndone, contact: Contact, name_of: NameOf) -> RejectionUndoneVariables:
    return RejectionUndoneVariables(
        name=contact.name, vacancy_title=event.vacancy_title, employer=name_of(event.employer_id)
    )


KIND = MessageKind(
    key="rejection_undone",
    title="Rejection taken back",
    event=ApplicationRejectionUndone,
    variables=RejectionUndoneVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="We have looked at your application again: {{ vacancy_title }}",
            body="""
Dear {{ name }}

We told you that you had not been chosen to be {{ vacancy_title }} at {{ employer }}. That was wrong, and we are sorry.

We have looked again, and your application is being considered. You do not need to do anything: we will write to you \
when there is news.
""",
        )
    },
    sample=RejectionUndoneVariables(name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council"),
)
