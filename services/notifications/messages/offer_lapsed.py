"""Nobody answered an offer by its reply-by."""

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
from shared.events.applications import OfferLapsed
from shared.events.base import Contact


class OfferLapsedVariables(Variables):
    vacancy_title: Line
    employer: Line
    reply_by: datetime


def compose(event: OfferLapsed, contact: Contact, name_of: NameOf) -> OfferLapsedVariables:
    return OfferLapsedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        reply_by=event.reply_by,
    )


KIND = MessageKind(
    key="offer_lapsed",
    title="Offer not answered in time",
    event=OfferLapsed,
    variables=OfferLapsedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you had an offer for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your offer has ended: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} offered you the job of {{ vacancy_title }} and asked for your answer by {{ reply_by | date_time }}. We \
have no answer from you, so the offer has ended.

If you answered in time in another way, or still want the job, contact {{ employer }} as soon as you can.
""",
        )
    },
    sample=OfferLapsedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        reply_by=datetime(2026, 12, 20, 17, 0, tzinfo=UTC),
    ),
)
