"""A displaced employee's registration has arrived and waits for their own council's HR (R4)."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.registrations import RegistrationSubmitted


class RegistrationReceivedVariables(Variables):
    employer: Line


def compose(event: RegistrationSubmitted, contact: Contact, name_of: NameOf) -> RegistrationReceivedVariables:
    return RegistrationReceivedVariables(name=contact.name, employer=name_of(event.home_employer_id))


KIND = MessageKind(
    key="registration_received",
    title="Registration received",
    event=RegistrationSubmitted,
    variables=RegistrationReceivedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    because="We sent this because you registered for help to find a new council job.",
    wording={
        Channel.EMAIL: Wording(
            subject="We have your registration",
            body="""
Dear {{ name }}

Thank you for registering. We will look for jobs in councils across the West Midlands that fit you, before they are \
advertised to everyone.

# What happens next

HR at {{ employer }} will check your details. This usually takes up to 3 working days.

We will email you as soon as they have. You do not need to do anything until then.
""",
        )
    },
    sample=RegistrationReceivedVariables(name="Daniel Okafor", employer="Dudley Council"),
)
