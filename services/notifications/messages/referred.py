"""The home council has put a displaced employee forward for a post."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.clearing import Referred


class ReferredVariables(Variables):
    vacancy_title: Line
    home_employer: Line
    gaining_employer: Line


def compose(event: Referred, contact: Contact, name_of: NameOf) -> ReferredVariables:
    return ReferredVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        home_employer=name_of(event.home_employer_id),
        gaining_employer=name_of(event.gaining_employer_id),
    )


KIND = MessageKind(
    key="referred",
    title="Referred",
    event=Referred,
    variables=ReferredVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    because="We sent this because you said that you were interested in this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="You have been put forward: {{ vacancy_title }}",
            body="""
Dear {{ name }}

HR at {{ home_employer }} has put you forward for the job of {{ vacancy_title }} at {{ gaining_employer }}.

{{ gaining_employer }} will look at what the job needs and what you can do, before it looks at anybody from outside. \
If you have what the job needs, you will be offered an interview.

We will email you when there is a decision. If the answer is no, you will get the reasons in writing.
""",
        )
    },
    sample=ReferredVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        home_employer="Dudley Council",
        gaining_employer="Sandwell Council",
    ),
)
