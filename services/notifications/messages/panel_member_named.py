"""Somebody has been named as a member, or as the lead, of a vacancy's panel."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.applications import PanelMemberNamed
from shared.events.base import Contact


class PanelMemberNamedVariables(Variables):
    vacancy_title: Line
    reference: Line
    employer: Line
    part: Line


def compose(event: PanelMemberNamed, contact: Contact, name_of: NameOf) -> PanelMemberNamedVariables:
    return PanelMemberNamedVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        reference=event.reference,
        employer=name_of(event.employer_id),
        part="the lead" if event.is_lead else "a member",
    )


KIND = MessageKind(
    key="panel_member_named",
    title="Named for a panel",
    event=PanelMemberNamed,
    variables=PanelMemberNamedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because="We sent this because you are named for the panel of this vacancy.",
    wording={
        Channel.EMAIL: Wording(
            subject="You are on the panel: {{ vacancy_title }} ({{ reference }})",
            body="""
Dear {{ name }}

{{ employer }} has named you as {{ part }} of the panel for this job.

* Job: {{ vacancy_title }}
* Reference: {{ reference }}

Sign in and open Panels. Say first whether you have a conflict of interest. Then score each candidate for yourself: \
you see what the others gave once your own scores are submitted.

Candidates are shown by a reference. Please do not try to find out who they are.
""",
        )
    },
    sample=PanelMemberNamedVariables(
        name="Priya Shah",
        vacancy_title="Housing Officer",
        reference="SAW-2026-00123",
        employer="Sandwell Council",
        part="a member",
    ),
)
