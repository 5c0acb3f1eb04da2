"""Whoever made an offer with pay outside the grade hears whether it went out."""

from __future__ import annotations

from typing import Literal

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import OfferApprovalDecided
from shared.events.base import Contact


class OfferApprovalDecidedVariables(Variables):
    vacancy_title: Line
    reference: Line
    decision: Literal["approved", "refused"]


def compose(event: OfferApprovalDecided, contact: Contact, _name_of: NameOf) -> OfferApprovalDecidedVariables:
    return OfferApprovalDecidedVariables(
        name=contact.name, vacancy_title=event.vacancy_title, reference=event.reference, decision=event.decision
    )


KIND = MessageKind(
    key="offer_approval_decided",
    title="Decision on an offer",
    event=OfferApprovalDecided,
    variables=OfferApprovalDecidedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because="We sent this because you made this offer.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ 'Your offer went out' if decision == 'approved' else 'Your offer was refused' }}:"
            " {{ vacancy_title }} ({{ reference }})",
            body="""
Dear {{ name }}

{% if decision == "approved" %}
An approver let your offer for {{ vacancy_title }} ({{ reference }}) go out. The candidate has it now.
{% else %}
An approver refused your offer for {{ vacancy_title }} ({{ reference }}). The candidate has not heard of it.

Sign in and open the vacancy to read why. You can make another offer.
{% endif %}
""",
        )
    },
    sample=OfferApprovalDecidedVariables(
        name="Tom Reid", vacancy_title="Housing Officer", reference="SAW-2026-00123", decision="approved"
    ),
)
