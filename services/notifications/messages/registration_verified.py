"""The home council's HR has confirmed a registration: matching begins (R4, R5)."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.registrations import RegistrationVerified


class RegistrationVerifiedVariables(Variables):
    employer: Line


def compose(event: RegistrationVerified, contact: Contact, name_of: NameOf) -> RegistrationVerifiedVariables:
    return RegistrationVerifiedVariables(name=contact.name, employer=name_of(event.home_employer_id))


KIND = MessageKind(
    key="registration_verified",
    title="Registration verified",
    event=RegistrationVerified,
    variables=RegistrationVerifiedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    because="We sent this because you registered for help to find a new council job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Your registration is confirmed",
            body="""
Dear {{ name }}

HR at {{ employer }} has confirmed your details. You will now see suitable council jobs in the West Midlands before \
other people do.

We will email you when a job fits you. You choose which ones interest you. Saying no to a suggestion never counts \
against you.
""",
        )
    },
    sample=RegistrationVerifiedVariables(name="Daniel Okafor", employer="Dudley Council"),
)
