"""Everything that is held of a person lies ready, behind a link that works once."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    MessageKind,
    NameOf,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.base import ContactWithLink
from shared.events.privacy import DataExportReady


class DataExportReadyVariables(Variables):
    link: WebAddress
    expires_at: datetime


def compose(event: DataExportReady, contact: ContactWithLink, _name_of: NameOf) -> DataExportReadyVariables:
    return DataExportReadyVariables(name=contact.name, link=contact.link, expires_at=event.expires_at)


KIND = MessageKind(
    key="data_export_ready",
    title="Your data is ready",
    event=DataExportReady,
    variables=DataExportReadyVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because you asked what is held about you.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your data is ready",
            body="""
Dear {{ name }}

You asked what is held about you. It is ready: one file, with a page to read and the same for a computer.

[Fetch my data]({{ link }})

The link works once, until {{ expires_at | date_time }}. Then we delete the file, fetched or not.

If you did not ask for this, tell us. Do not pass the link on.
""",
        )
    },
    sample=DataExportReadyVariables(
        name="Amina Khan",
        link="https://jobs.example/l/sample",
        expires_at=datetime(2026, 12, 1, 10, 15, tzinfo=UTC),
    ),
)
