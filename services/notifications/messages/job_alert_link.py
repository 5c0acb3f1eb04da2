"""A link to a saved search: to confirm it, to change it, or to keep it after a year. Its person gave no name."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    MessageKind,
    NameOf,
    OptionalVariables,
    Purpose,
    Urgency,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.job_alerts import AlertContact, JobAlertLinkWanted


class JobAlertLinkVariables(Variables):
    search: Line
    link: WebAddress
    expires_at: datetime


class KeepJobAlertVariables(OptionalVariables):
    search: Line
    link: WebAddress
    expires_at: datetime


def compose(event: JobAlertLinkWanted, contact: AlertContact, _name_of: NameOf) -> JobAlertLinkVariables:
    return JobAlertLinkVariables(
        name=contact.name, search=contact.search, link=contact.link, expires_at=event.expires_at
    )


def compose_keep(event: JobAlertLinkWanted, contact: AlertContact, _name_of: NameOf) -> KeepJobAlertVariables:
    return KeepJobAlertVariables(
        name=contact.name,
        search=contact.search,
        link=contact.link,
        expires_at=event.expires_at,
        unsubscribe_link=contact.unsubscribe_link,
    )


SAMPLE = JobAlertLinkVariables(
    name="",
    search="“housing”; within 15 miles of Walsall",
    link="https://jobs.example/l/sample",
    expires_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
)

CONFIRM = MessageKind(
    key="job_alert_to_confirm",
    title="Job alert to confirm",
    event=JobAlertLinkWanted,
    applies=lambda event: event.wanted_for == "confirm",
    variables=JobAlertLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody asked for job alerts with your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Please confirm your job alert",
            body="""
Hello

Somebody asked us to send new jobs to this address: {{ search }}.

Was it you? Then use this link to confirm it. It works once, until {{ expires_at | date_time }}.

[Confirm my job alert]({{ link }})

Was it not you? You do not need to do anything. We send no more, and forget the address.
""",
        )
    },
    sample=SAMPLE,
)

CHANGE = MessageKind(
    key="job_alert_link",
    title="Link to a job alert",
    event=JobAlertLinkWanted,
    applies=lambda event: event.wanted_for == "change",
    variables=JobAlertLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.NOW,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because somebody asked for a link to the job alerts of your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your link: job alert",
            body="""
Hello

Use this link to change, pause or stop your job alert: {{ search }}.

It works once, until {{ expires_at | date_time }}.

[See my job alert]({{ link }})

If you did not ask for this, you do not need to do anything. Do not pass the link on.
""",
        )
    },
    sample=SAMPLE,
)

KEEP = MessageKind(
    key="job_alert_to_keep",
    title="Job alert: still wanted?",
    event=JobAlertLinkWanted,
    applies=lambda event: event.wanted_for == "keep",
    variables=KeepJobAlertVariables,
    compose=compose_keep,
    audience=Audience.CANDIDATE,
    purpose=Purpose.OPTIONAL,
    lapses_at=lambda event, _occurred_at: event.expires_at,
    because="We sent this because you asked for job alerts a year ago.",
    wording={
        Channel.EMAIL: Wording(
            subject="Do you still want your job alert?",
            body="""
Hello

You asked us a year ago to send you new jobs: {{ search }}.

Do you still want them? If we do not hear from you, the alert ends at {{ expires_at | date_time }}.

[Keep this alert]({{ link }})

[Stop it now]({{ unsubscribe_link }})
""",
        )
    },
    sample=KeepJobAlertVariables(
        **SAMPLE.model_dump(), unsubscribe_link="https://jobs.example/job-alerts/unsubscribe/sample"
    ),
)
