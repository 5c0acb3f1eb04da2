"""Somebody could do a job that is not offered to them now, and is told of the reserve list; or that it was an error."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.reserve_lists import ReserveListed, ReserveListingUndone


class ReserveListedVariables(Variables):
    vacancy_title: Line
    employer: Line
    until: datetime


class ReserveListingUndoneVariables(Variables):
    vacancy_title: Line
    employer: Line


def compose(event: ReserveListed, contact: Contact, name_of: NameOf) -> ReserveListedVariables:
    return ReserveListedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        until=event.until,
    )


def compose_undone(event: ReserveListingUndone, contact: Contact, name_of: NameOf) -> ReserveListingUndoneVariables:
    return ReserveListingUndoneVariables(
        name=contact.name, vacancy_title=event.vacancy_title, employer=name_of(event.employer_id)
    )


KIND = MessageKind(
    key="reserve_listed",
    title="On the reserve list",
    event=ReserveListed,
    variables=ReserveListedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="You are on the reserve list: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Thank you for your interview to be {{ vacancy_title }} at {{ employer }}.

The panel found that you could do this job. It is offered to somebody else first, and we have put you on the reserve \
list. If the job is free again, we may offer it to you without another interview.

You are on the list until {{ until | date_time }}. We will write to you if we can offer you the job, and when the list \
ends. You do not need to do anything, and you can go on applying for other jobs.

If you do not want to be on the list, open the page of your application and withdraw it.
""",
        )
    },
    sample=ReserveListedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        until=datetime(2027, 6, 30, 22, 59, tzinfo=UTC),
    ),
)

UNDONE = MessageKind(
    key="reserve_listing_undone",
    title="Place on the reserve list taken back",
    event=ReserveListingUndone,
    variables=ReserveListingUndoneVariables,
    compose=compose_undone,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="We are looking at your application again: {{ vacancy_title }}",
            body="""
Dear {{ name }}

We told you that you were on the reserve list to be {{ vacancy_title }} at {{ employer }}. That has changed: your \
application is being considered again, and we are sorry for the confusion.

You do not need to do anything: we will write to you when there is news.
""",
        )
    },
    sample=ReserveListingUndoneVariables(
        name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council"
    ),
)
