"""A displaced employee asked for a link to their own pages."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import Audience, Channel, MessageKind, Urgency, Wording
from services.notifications.messages.one_time_link import OneTimeLinkVariables, compose_link
from shared.events.registrations import SignInLinkRequested

KIND = MessageKind(
    key="sign_in_link",
    title="Sign-in link",
    event=SignInLinkRequested,
    variables=OneTimeLinkVariables,
    compose=compose_link,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody asked for a sign-in link with your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your sign-in link",
            body="""
Dear {{ name }}

Use this link to sign in. It works once, until {{ expires_at | date_time }}.

[Sign in]({{ link }})

If you did not ask for this, you do not need to do anything. Do not pass the link on.
""",
        )
    },
    sample=OneTimeLinkVariables(
        name="Daniel Okafor",
        link="https://clearing.example/l/sample",
        expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
    ),
)
