"""A member of staff asked for a new password."""

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
from shared.events.ats import PasswordResetRequested
from shared.events.base import ContactWithLink


class PasswordResetVariables(Variables):
    link: WebAddress
    expires_at: datetime


def compose(event: PasswordResetRequested, contact: ContactWithLink, _name_of: NameOf) -> PasswordResetVariables:
    return PasswordResetVariables(name=contact.name, link=contact.link, expires_at=event.expires_at)


KIND = MessageKind(
    key="password_reset",
    title="New password",
    event=PasswordResetRequested,
    variables=PasswordResetVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody asked for a new password with your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Choose a new password",
            body="""
Dear {{ name }}

Use this link to choose a new password. It works once, until {{ expires_at | date_time }}.

[Choose a new password]({{ link }})

If you did not ask for this, you do not need to do anything. Your password stays as it is. Do not pass the link on.
""",
        )
    },
    sample=PasswordResetVariables(
        name="Priya Shah",
        link="https://jobs.example/l/sample",
        expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
    ),
)
