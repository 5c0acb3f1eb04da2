"""An approver is asked whether an offer with pay outside the grade may go out."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import OfferApprovalWanted
from shared.events.base import Contact


class OfferApprovalWantedVariables(Variables):
    vacancy_title: Line
    reference: Line
    employer: Line


def compose(event: OfferApprovalWanted, contact: Contact, name_of: NameOf) -> OfferApprovalWantedVariables:
    return OfferApprovalWantedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        reference=event.reference,
        employer=name_of(event.employer_id),
    )


KIND = MessageKind(
    key="offer_approval_wanted",
    title="Offer to approve",
    event=OfferApprovalWanted,
    variables=OfferApprovalWantedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because="We sent this because you approve vacancies of this employer.",
    wording={
        Channel.EMAIL: Wording(
            subject="Offer to approve: {{ vacancy_title }} ({{ reference }})",
            body="""
Dear {{ name }}

{{ employer }} wants to offer a candidate pay outside what was approved for this job.

* Job: {{ vacancy_title }}
* Reference: {{ reference }}

The candidate hears nothing until an approver decides. Sign in and open the vacancy: the offer is listed there with \
the reason for the pay.
""",
        )
    },
    sample=OfferApprovalWantedVariables(
        name="Priya Shah", vacancy_title="Housing Officer", reference="SAW-2026-00123", employer="Sandwell Council"
    ),
)
