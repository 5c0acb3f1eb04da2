"""A candidate's data of an application is deleted soon: what they want to keep they fetch before."""

from __future__ import annotations

from datetime import date

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    MessageKind,
    NameOf,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.applications import RetentionNoticeGiven
from shared.events.base import ContactWithLink


class RetentionNoticeVariables(Variables):
    vacancy_title: Line
    employer: Line
    kept_until: date
    link: WebAddress


def compose(event: RetentionNoticeGiven, contact: ContactWithLink, name_of: NameOf) -> RetentionNoticeVariables:
    return RetentionNoticeVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        kept_until=event.kept_until,
        link=contact.link,
    )


KIND = MessageKind(
    key="retention_notice",
    title="Data to be deleted soon",
    event=RetentionNoticeGiven,
    variables=RetentionNoticeVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="We will delete your application soon: {{ vacancy_title }}",
            body="""
Dear {{ name }}

You applied to be {{ vacancy_title }} at {{ employer }}. We keep an application only for as long as it may be needed. \
We delete yours, with your documents, after {{ kept_until | date }}.

You do not have to do anything. If you want a copy of what you wrote, fetch it before then.

[See or fetch your data]({{ link }})

This link is only for you. Do not pass it on.
""",
        )
    },
    sample=RetentionNoticeVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        kept_until=date(2027, 6, 15),
        link="https://jobs.example/l/sample",
    ),
)
