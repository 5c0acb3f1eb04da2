"""Whoever asked for an approval hears the decision."""

from __future__ import annotations

from typing import Literal

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.ats import ApprovalDecided
from shared.events.base import Contact


class ApprovalDecidedVariables(Variables):
    vacancy_title: Line
    reference: Line
    decision: Literal["approved", "rejected"]


def compose(event: ApprovalDecided, contact: Contact, _name_of: NameOf) -> ApprovalDecidedVariables:
    return ApprovalDecidedVariables(
        name=contact.name, vacancy_title=event.vacancy_title, reference=event.reference, decision=event.decision
    )


KIND = MessageKind(
    key="approval_decided",
    title="Approval decided",
    event=ApprovalDecided,
    variables=ApprovalDecidedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because="We sent this because you asked for this approval.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ 'Approved' if decision == 'approved' else 'Not approved' }}:"
            " {{ vacancy_title }} ({{ reference }})",
            body="""
Dear {{ name }}

{% if decision == "approved" %}
Your vacancy for {{ vacancy_title }} ({{ reference }}) has been approved.

Staff in the region whose jobs are at risk will see it first. After that it can be advertised to everyone.
{% else %}
Your vacancy for {{ vacancy_title }} ({{ reference }}) was not approved.

Sign in to read why. You can change the vacancy and ask again.
{% endif %}
""",
        )
    },
    sample=ApprovalDecidedVariables(
        name="Tom Reid", vacancy_title="Housing Officer", reference="SAW-2026-00123", decision="approved"
    ),
)
