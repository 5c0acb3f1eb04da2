"""The home council's HR needs something changed in a registration before it can confirm it (R4)."""

from __future__ import annotations

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    Lines,
    MessageKind,
    NameOf,
    Urgency,
    Variables,
    Wording,
)
from shared.events.base import ContactWithReasons
from shared.events.registrations import RegistrationReturned


class RegistrationReturnedVariables(Variables):
    employer: Line
    reasons: Lines


def compose(event: RegistrationReturned, contact: ContactWithReasons, name_of: NameOf) -> RegistrationReturnedVariables:
    return RegistrationReturnedVariables(
        name=contact.name, employer=name_of(event.home_employer_id), reasons=contact.reasons
    )


KIND = MessageKind(
    key="registration_returned",
    title="Registration returned",
    event=RegistrationReturned,
    variables=RegistrationReturnedVariables,
    compose=compose,
    audience=Audience.DISPLACED_EMPLOYEE,
    urgency=Urgency.SOON,
    because="We sent this because you registered for help to find a new council job.",
    wording={
        Channel.EMAIL: Wording(
            subject="Please change your registration",
            body="""
Dear {{ name }}

HR at {{ employer }} has looked at your registration and cannot confirm it yet. They wrote:

> {{ reasons | lines }}

Please change your registration and send it again. If you do not agree, talk to HR at {{ employer }}.
""",
        )
    },
    sample=RegistrationReturnedVariables(
        name="Daniel Okafor",
        employer="Dudley Council",
        reasons="Your hours are 30 a week in our records, not 37.\nPlease change them and send it again.",
    ),
)
