"""A vacancy in its clearing window fits a displaced employee (R16)."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    MessageKind,
    NameOf,
    Urgency,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.base import ContactWithLink
from shared.events.clearing import MatchSuggested


class MatchSuggestedVariables(Variables):
    vacancy_title: Line
    employer: Line
    closes_at: datetime
    link: WebAddress


def compose(event: MatchSuggested, contact: ContactWithLink, _name_of: NameOf) -> MatchSuggestedVariables:
    return MatchSuggestedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=event.employer_name,
        closes_at=event.closes_at,
        link=contact.link,
    )


KIND = MessageKind(
    key="match_suggested",
    title="Match suggested",
    event=MatchSuggested,
    variables=MatchSuggestedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    lapses_at=lambda event, _occurred_at: event.closes_at,
    because="We sent this because you registered for help to find a new council job.",
    wording={
        Channel.EMAIL: Wording(
            subject="A job that may suit you: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} has a job that fits what you told us. You can see it before it is advertised to everyone.

* Job: {{ vacancy_title }}
* Tell us by: {{ closes_at | date_time }}

[See the job and why it fits]({{ link }})

If you are interested and have what the job needs, you will be offered an interview. If it is not for you, you do not \
need to do anything. It will not count against you.

This link is only for you. Do not pass it on.
""",
        )
    },
    sample=MatchSuggestedVariables(
        name="Daniel Okafor",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        closes_at=datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC),
        link="https://clearing.example/l/sample",
    ),
)
