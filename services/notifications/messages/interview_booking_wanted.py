"""A candidate is asked to choose a time for their interview."""

from __future__ import annotations

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
from shared.events.interviews import InterviewBookingWanted


class InterviewBookingWantedVariables(Variables):
    vacancy_title: Line
    employer: Line
    round_title: Line
    link: WebAddress


def compose(
    event: InterviewBookingWanted, contact: ContactWithLink, name_of: NameOf
) -> InterviewBookingWantedVariables:
    return InterviewBookingWantedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        round_title=event.round_title,
        link=contact.link,
    )


KIND = MessageKind(
    key="interview_booking_wanted",
    title="Asked to choose an interview time",
    event=InterviewBookingWanted,
    variables=InterviewBookingWantedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    urgency=Urgency.SOON,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Choose a time for your interview: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} would like to interview you to be {{ vacancy_title }}. This is about: {{ round_title }}.

[Choose a time]({{ link }})

Tell us there if you need anything changed so that you can take part fully. Only the people who organise the interview \
read it.

This link is only for you. Do not pass it on.
""",
        )
    },
    sample=InterviewBookingWantedVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        round_title="Panel interview",
        link="https://jobs.example/l/sample",
    ),
)
