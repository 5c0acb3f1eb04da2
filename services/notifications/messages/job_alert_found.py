"""New adverts that a saved search found, with the way out in the mail and in its headers (RFC 8058)."""

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
    WebAddress,
    Wording,
)
from shared.events.base import Payload
from shared.events.job_alerts import AlertDigest, JobAlertFound


class FoundJob(Payload):
    title: Line
    employer: Line
    place: Line
    pay: Line
    closes_at: datetime
    link: WebAddress


class JobAlertFoundVariables(OptionalVariables):
    search: Line
    new_jobs: int
    not_shown: int
    jobs: tuple[FoundJob, ...]
    all_link: WebAddress
    link: WebAddress


def compose(event: JobAlertFound, contact: AlertDigest, _name_of: NameOf) -> JobAlertFoundVariables:
    return JobAlertFoundVariables(
        name=contact.name,
        search=contact.search,
        new_jobs=event.new_jobs,
        not_shown=event.new_jobs - len(contact.jobs),
        jobs=tuple(FoundJob(**job.model_dump()) for job in contact.jobs),
        all_link=contact.all_link,
        link=contact.link,
        unsubscribe_link=contact.unsubscribe_link,
    )


KIND = MessageKind(
    key="job_alert_found",
    title="Job alert: new jobs",
    event=JobAlertFound,
    variables=JobAlertFoundVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    purpose=Purpose.OPTIONAL,
    lapses_at=lambda event, _occurred_at: event.lapses_at,
    because="We sent this because you asked for job alerts and confirmed your email address.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ new_jobs | counted('new job') }} for you",
            body="""
Hello

{{ new_jobs | counted('new job') }} for your search: {{ search }}.

{% for job in jobs %}

[{{ job.title }}]({{ job.link }})

{{ job.employer }}, {{ job.place }}. {{ job.pay }}. Closes {{ job.closes_at | date }}.

{% endfor %}

{% if not_shown %}

[See {{ not_shown }} more]({{ all_link }})

{% endif %}

[Change or pause this alert]({{ link }})

[Stop these mails]({{ unsubscribe_link }})
""",
        )
    },
    sample=JobAlertFoundVariables(
        name="",
        search="“housing”; within 15 miles of Walsall",
        new_jobs=2,
        not_shown=1,
        jobs=(
            FoundJob(
                title="Housing Officer",
                employer="Sandwell Council",
                place="Oldbury",
                pay="£33,673 to £36,581 a year, full time",
                closes_at=datetime(2026, 12, 6, 23, 59, 59, tzinfo=UTC),
                link="https://jobs.example/jobs/sample",
            ),
        ),
        all_link="https://jobs.example/jobs?q=housing",
        link="https://jobs.example/l/sample",
        unsubscribe_link="https://jobs.example/job-alerts/unsubscribe/sample",
    ),
)
