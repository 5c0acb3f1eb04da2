"""Somebody registered themselves for redeployment with this address: it counts once they have followed the link."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    MessageKind,
    NameOf,
    Urgency,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.base import ContactWithLink
from shared.events.registrations import RegistrationConfirmationWanted


class RegistrationConfirmationVariables(Variables):
    link: WebAddress
    expires_at: datetime


def compose(
    event: RegistrationConfirmationWanted, contact: ContactWithLink, _name_of: NameOf
) -> RegistrationConfirmationVariables:
    return RegistrationConfirmationVariables(name=contact.name, link=contact.link, expires_at=event.expires_at)


KIND = MessageKind(
    key="registration_confirmation",
    title="Registration to confirm",
    event=RegistrationConfirmationWanted,
    variables=RegistrationConfirmationVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody registered for redeployment with your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Please confirm your registration for redeployment",
            body="""
Dear {{ name }}

Please use this link to confirm that you registered for redeployment. It works once, until {{ expires_at | date_time }}.

[Confirm my registration]({{ link }})

Nothing goes to your council's HR before you have confirmed.

If you did not register, you do not need to do anything, and we forget what was written. Do not pass the link on.
""",
        )
    },
    sample=RegistrationConfirmationVariables(
        name="Daniel Okafor",
        link="https://clearing.example/l/sample",
        expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
    ),
)
