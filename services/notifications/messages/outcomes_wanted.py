"""People still wait for an outcome of a post when their five working days are over: its council is told (R19)."""

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
    Wording,
)
from shared.events.base import Contact
from shared.events.clearing_tasks import OutcomesWanted


class OutcomesWantedVariables(Variables):
    vacancy_title: Line
    due_at: datetime
    waiting: int


def compose(event: OutcomesWanted, contact: Contact, _name_of: NameOf) -> OutcomesWantedVariables:
    return OutcomesWantedVariables(
        name=contact.name, vacancy_title=event.vacancy_title, due_at=event.due_at, waiting=event.waiting
    )


KIND = MessageKind(
    key="outcomes_wanted",
    title="Outcomes wanted",
    event=OutcomesWanted,
    variables=OutcomesWantedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.SOON,
    because="We sent this because you recruit to this job, or look after redeployment for your council.",
    wording={
        Channel.EMAIL: Wording(
            subject="Overdue, please decide: redeployment for {{ vacancy_title }}",
            body="""
Dear {{ name }}

{% if waiting == 1 %}
One person whose job is at risk still waits for your council's answer about a job: {{ vacancy_title }}.
{% else %}
{{ waiting }} people whose jobs are at risk still wait for your council's answer about a job: {{ vacancy_title }}.
{% endif %}

An answer was due by {{ due_at | date_time }}. The job cannot be advertised before everybody has theirs. Please sign \
in and decide.
""",
        )
    },
    sample=OutcomesWantedVariables(
        name="Helen Price",
        vacancy_title="Housing Officer",
        due_at=datetime(2026, 11, 26, 23, 59, 59, tzinfo=UTC),
        waiting=2,
    ),
)
