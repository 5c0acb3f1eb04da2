"""A post that redeployment had filled has an opening again: its council chooses what comes next."""

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
from shared.events.base import Contact
from shared.events.clearing_tasks import ReopeningChoiceWanted


class ReopeningChoiceWantedVariables(Variables):
    vacancy_title: Line


def compose(event: ReopeningChoiceWanted, contact: Contact, _name_of: NameOf) -> ReopeningChoiceWantedVariables:
    return ReopeningChoiceWantedVariables(name=contact.name, vacancy_title=event.vacancy_title)


KIND = MessageKind(
    key="reopening_choice_wanted",
    title="Reopening choice wanted",
    event=ReopeningChoiceWanted,
    variables=ReopeningChoiceWantedVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    urgency=Urgency.SOON,
    because="We sent this because you recruit to this job, or look after redeployment for your council.",
    wording={
        Channel.EMAIL: Wording(
            subject="Please choose: {{ vacancy_title }} has an opening again",
            body="""
Dear {{ name }}

The person who was redeployed into this job has left it, so it has an opening again: {{ vacancy_title }}.

Please choose whether to offer it once more to people whose jobs are at risk, or to let it go to its advert. Nothing \
happens with the job until you have chosen.
""",
        )
    },
    sample=ReopeningChoiceWantedVariables(name="Helen Price", vacancy_title="Housing Officer"),
)
