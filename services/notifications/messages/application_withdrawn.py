"""A candidate has withdrawn, and gets it in writing."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import ApplicationWithdrawn
from shared.events.base import Contact


class ApplicationWithdrawnVariables(Variables):
    vacancy_title: Line
    employer: Line


def compose(event: ApplicationWithdrawn, contact: Contact, name_of: NameOf) -> ApplicationWithdrawnVariables:
    return ApplicationWithdrawnVariables(
        name=contact.name, vacancy_title=event.vacancy_title, employer=name_of(event.employer_id)
    )


KIND = MessageKind(
    key="application_withdrawn",
    title="Withdrawal confirmed",
    event=ApplicationWithdrawn,
    variables=ApplicationWithdrawnVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because your application was withdrawn.",
    wording={
        Channel.EMAIL: Wording(
            subject="Application withdrawn: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Your application to be {{ vacancy_title }} at {{ employer }} has been withdrawn. The people hiring will not look at it \
any further.

If you did not ask for this, contact {{ employer }} as soon as you can.
""",
        )
    },
    sample=ApplicationWithdrawnVariables(
        name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council"
    ),
)
