"""Somebody has been given an account and chooses a password."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import Audience, Channel, MessageKind, Urgency, Wording
from services.notifications.messages.one_time_link import OneTimeLinkVariables, compose_link
from shared.events.ats import StaffInvited

KIND = MessageKind(
    key="staff_invitation",
    title="Invitation of staff",
    event=StaffInvited,
    variables=OneTimeLinkVariables,
    compose=compose_link,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because an administrator gave you an account, or asked you to choose a new password.",
    wording={
        Channel.EMAIL: Wording(
            subject="Choose a password for your recruitment account",
            body="""
Dear {{ name }}

You have an account for recruitment and redeployment in the West Midlands councils.

Use this link to choose your password. It works once, until {{ expires_at | date_time }}.

[Choose a password]({{ link }})

This link is only for you. Nobody, your administrator included, needs it. Do not pass it on.
""",
        )
    },
    sample=OneTimeLinkVariables(
        name="Priya Shah",
        link="https://jobs.example/l/sample",
        expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
    ),
)
