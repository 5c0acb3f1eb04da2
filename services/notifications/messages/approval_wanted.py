"""An approver is asked to decide on a vacancy."""

from __future__ import annotations

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
from shared.events.ats import ApprovalRequested
from shared.events.base import Contact


class ApprovalWantedVariables(Variables):
    vacancy_title: Line
    reference: Line
    employer: Line
    asks: Line = "Please decide"


def compose(event: ApprovalRequested, contact: Contact, name_of: NameOf) -> ApprovalWantedVariables:
    return ApprovalWantedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        reference=event.reference,
        employer=name_of(event.employer_id),
        asks="Reminder: please decide" if event.reminder_no else "Please decide",
    )


KIND = MessageKind(
    key="approval_wanted",
    title="Approval wanted",
    event=ApprovalRequested,
    variables=ApprovalWantedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.SOON,
    because="We sent this because you are named as an approver for this vacancy.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ asks }}: {{ vacancy_title }} ({{ reference }})",
            body="""
Dear {{ name }}

{{ employer }} wants to fill a job and needs your decision before it can go ahead.

* Job: {{ vacancy_title }}
* Reference: {{ reference }}

Sign in to see the details, then approve or reject it. Nobody can see or apply for the job until you decide.
""",
        )
    },
    sample=ApprovalWantedVariables(
        name="Priya Shah", vacancy_title="Housing Officer", reference="SAW-2026-00123", employer="Sandwell Council"
    ),
)
