"""The vacancy has ended, and somebody who applied was still waiting for an answer."""

from __future__ import annotations

from typing import Literal

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import ApplicationClosed
from shared.events.base import Contact


class ApplicationClosedVariables(Variables):
    vacancy_title: Line
    employer: Line
    reason: Literal["post_filled", "post_withdrawn", "no_appointment", "reserve_list_ended"]


def compose(event: ApplicationClosed, contact: Contact, name_of: NameOf) -> ApplicationClosedVariables:
    return ApplicationClosedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        reason=event.reason,
    )


KIND = MessageKind(
    key="application_closed",
    title="Vacancy ended",
    event=ApplicationClosed,
    variables=ApplicationClosedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your application: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Thank you for applying to be {{ vacancy_title }} at {{ employer }}.

{% if reason == "post_filled" %}
We are sorry to tell you that somebody else has been chosen for this job.
{% elif reason == "post_withdrawn" %}
We are sorry to tell you that {{ employer }} is not going ahead with this job. This has nothing to do with your \
application.
{% elif reason == "reserve_list_ended" %}
You were on the reserve list for this job. The time of that list has ended, and we are sorry to tell you that we could \
not offer you the job in it.
{% else %}
{{ employer }} has ended this search without choosing anybody. You can apply again if the job is advertised again.
{% endif %}

You do not need to do anything.{% if reason != "reserve_list_ended" %} If you have an interview for this job, it will \
not take place.{% endif %}

We know that an application takes time. Councils in the region have new jobs every week, and we hope that you will \
apply again.
""",
        )
    },
    sample=ApplicationClosedVariables(
        name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council", reason="post_filled"
    ),
)
