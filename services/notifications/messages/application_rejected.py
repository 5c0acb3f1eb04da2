"""A candidate will not be taken further: after the sift, after the shortlist, or after an interview."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import ApplicationRejected
from shared.events.base import Contact


class ApplicationRejectedVariables(Variables):
    vacancy_title: Line
    employer: Line


def compose(event: ApplicationRejected, contact: Contact, name_of: NameOf) -> ApplicationRejectedVariables:
    return ApplicationRejectedVariables(
        name=contact.name, vacancy_title=event.vacancy_title, employer=name_of(event.employer_id)
    )


SAMPLE = ApplicationRejectedVariables(name="Amina Khan", vacancy_title="Housing Officer", employer="Sandwell Council")

AFTER_SIFT = MessageKind(
    key="rejected_after_sift",
    title="Not shortlisted",
    event=ApplicationRejected,
    applies=lambda event: not event.after_interview and not event.was_shortlisted,
    variables=ApplicationRejectedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your application: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Thank you for applying to be {{ vacancy_title }} at {{ employer }}.

We are sorry to tell you that you have not been shortlisted. The people hiring compared each application with what the \
job asks for, and others showed a closer match.

We know that an application takes time. Councils in the region have new jobs every week, and we hope that you will \
apply again.
""",
        )
    },
    sample=SAMPLE,
)

AFTER_SHORTLIST = MessageKind(
    key="rejected_after_shortlist",
    title="Shortlisted, and not interviewed",
    event=ApplicationRejected,
    applies=lambda event: event.was_shortlisted and not event.after_interview,
    variables=ApplicationRejectedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you applied for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your application: {{ vacancy_title }}",
            body="""
Dear {{ name }}

You were on the shortlist to be {{ vacancy_title }} at {{ employer }}.

We are sorry to tell you that {{ employer }} is not taking your application further. If you have an interview booked, \
it will not take place.

We know that an application takes time. Councils in the region have new jobs every week, and we hope that you will \
apply again.
""",
        )
    },
    sample=SAMPLE,
)

AFTER_INTERVIEW = MessageKind(
    key="rejected_after_interview",
    title="Unsuccessful after interview",
    event=ApplicationRejected,
    applies=lambda event: event.after_interview,
    variables=ApplicationRejectedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you were interviewed for this job.",
    wording={
        Channel.EMAIL: Wording(
            subject="After your interview: {{ vacancy_title }}",
            body="""
Dear {{ name }}

Thank you for coming to the interview to be {{ vacancy_title }} at {{ employer }}.

We are sorry to tell you that you have not been chosen for this job.

You can ask {{ employer }} for feedback on your interview. Use the contact details in your invitation.

Thank you for the time you gave to this.
""",
        )
    },
    sample=SAMPLE,
)
