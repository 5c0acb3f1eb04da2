"""A referee has not answered in twelve weeks, and whoever asked decides what to do."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.references import ReferenceExpired


class ReferenceExpiredVariables(Variables):
    vacancy_title: Line
    candidate_reference: Line
    employer: Line


def compose(event: ReferenceExpired, contact: Contact, name_of: NameOf) -> ReferenceExpiredVariables:
    return ReferenceExpiredVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        candidate_reference=event.candidate_reference,
        employer=name_of(event.employer_id),
    )


KIND = MessageKind(
    key="reference_expired",
    title="No reference came",
    event=ReferenceExpired,
    variables=ReferenceExpiredVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because="We sent this because you asked for this reference.",
    wording={
        Channel.EMAIL: Wording(
            subject="No reference came: application {{ candidate_reference }}",
            body="""
Dear {{ name }}

A referee you asked about application {{ candidate_reference }} has not answered in twelve weeks. Their link no longer \
works.

* Job: {{ vacancy_title }}
* Employer: {{ employer }}

Sign in and open the candidate's references. You can ask again, write to another address, or record a reference that \
came another way.
""",
        )
    },
    sample=ReferenceExpiredVariables(
        name="Priya Shah",
        vacancy_title="Housing Officer",
        candidate_reference="A-7K3QX9PD",
        employer="Sandwell Council",
    ),
)
