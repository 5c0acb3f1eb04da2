"""Somebody is interested in a post: their home council's HR looks before it refers."""

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
from shared.events.clearing_tasks import ReviewWanted


class ReviewWantedVariables(Variables):
    vacancy_title: Line
    due_at: datetime
    is_overdue: bool


def compose(event: ReviewWanted, contact: Contact, _name_of: NameOf) -> ReviewWantedVariables:
    return ReviewWantedVariables(
        name=contact.name, vacancy_title=event.vacancy_title, due_at=event.due_at, is_overdue=event.is_overdue
    )


KIND = MessageKind(
    key="review_wanted",
    title="Review wanted",
    event=ReviewWanted,
    variables=ReviewWantedVariables,
    compose=compose,
    audience=Audience.REDEPLOYMENT_STAFF,
    urgency=Urgency.SOON,
    because="We sent this because you review referrals for your council.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ 'Overdue, please' if is_overdue else 'Please' }} review: interest in {{ vacancy_title }}",
            body="""
Dear {{ name }}

One of your staff whose job is at risk is interested in a job: {{ vacancy_title }}.

{% if is_overdue %}
This should have been decided by {{ due_at | date_time }}. The job cannot go forward without it, so please sign in and \
refer them, or say why not, today.
{% else %}
Please sign in, check their details and refer them, or say why not, by {{ due_at | date_time }}.
{% endif %}
""",
        )
    },
    sample=ReviewWantedVariables(
        name="Helen Price",
        vacancy_title="Housing Officer",
        due_at=datetime(2026, 11, 26, 17, 0, tzinfo=UTC),
        is_overdue=False,
    ),
)
