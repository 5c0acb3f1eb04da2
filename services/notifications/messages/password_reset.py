"""A member of staff asked for a new password."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import Audience, Channel, MessageKind, Urgency, Wording
from services.notifications.messages.one_time_link import OneTimeLinkVariables, compose_link
from shared.events.ats import PasswordResetRequested

KIND = MessageKind(
    key="password_reset",
    title="New password",
    event=PasswordResetRequested,
    variables=OneTimeLinkVariables,
    compose=compose_link,
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
    sample=OneTimeLinkVariables(
        name="Priya Shah",
        link="https://jobs.example/l/sample",
        expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
    ),
)
