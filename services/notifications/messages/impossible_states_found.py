"""The daily look has found what the rules never lead to: an administrator is told."""

from __future__ import annotations

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    MessageKind,
    NameOf,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.base import ContactWithLink
from shared.events.record import ClearingStatesFound, ImpossibleStates, RecruitmentStatesFound


class ImpossibleStatesVariables(Variables):
    employer: str
    found: int
    link: WebAddress


def compose(event: ImpossibleStates, contact: ContactWithLink, name_of: NameOf) -> ImpossibleStatesVariables:
    employer = "no employer in particular" if event.employer_id is None else name_of(event.employer_id)
    return ImpossibleStatesVariables(name=contact.name, employer=employer, found=event.found, link=contact.link)


WORDING = {
    Channel.EMAIL: Wording(
        subject="Please look: records that contradict each other",
        body="""
Dear {{ name }}

Our daily look found {{ found }} {% if found == 1 %}record{% else %}records{% endif %} of {{ employer }} that the \
rules never lead to.

[See what was found, and what to do]({{ link }})
""",
    )
}
SAMPLE = ImpossibleStatesVariables(
    name="Rory Bell", employer="Sandwell Council", found=2, link="https://jobs.example/impossible-states"
)
BECAUSE = "We sent this because you administer the records."

RECRUITMENT = MessageKind(
    key="impossible_states_found",
    title="Records that contradict each other",
    event=RecruitmentStatesFound,
    variables=ImpossibleStatesVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because=BECAUSE,
    wording=WORDING,
    sample=SAMPLE,
)
CLEARING = MessageKind(
    key="clearing_impossible_states_found",
    title="Records of clearing that contradict each other",
    event=ClearingStatesFound,
    variables=ImpossibleStatesVariables,
    compose=compose,
    audience=Audience.REDEPLOYMENT_STAFF,
    because=BECAUSE,
    wording=WORDING,
    sample=SAMPLE,
)
