"""A person's data was put right or erased, in all services."""

from __future__ import annotations

from services.notifications.messages.kinds import Audience, Channel, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.privacy import DataSubjectCaseClosed


class DataCaseClosedVariables(Variables):
    is_erased: bool
    is_something_kept: bool


def compose(event: DataSubjectCaseClosed, contact: Contact, _name_of: NameOf) -> DataCaseClosedVariables:
    return DataCaseClosedVariables(
        name=contact.name, is_erased=event.case_kind == "erasure", is_something_kept=event.is_something_kept
    )


KIND = MessageKind(
    key="data_case_closed",
    title="Your data was put right or erased",
    event=DataSubjectCaseClosed,
    variables=DataCaseClosedVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you asked us to put your data right, or to erase it.",
    wording={
        Channel.EMAIL: Wording(
            subject="{% if is_erased %}Your data was erased{% else %}Your data was put right{% endif %}",
            body="""
Dear {{ name }}

{% if is_erased %}\
We have erased what was held about you. Numbers in which nobody can find you are kept. This message itself is \
deleted 90 days from now.
{% if is_something_kept %}

Some of it has to be kept for now: what an offer or a contract with you needs, what a claim needs, or a message that \
is on its way.
{% endif %}\
{% else %}\
We have put right what is held about you.
{% if is_something_kept %}

Messages that were sent to you before stay as they were sent.
{% endif %}\
{% endif %}

If you did not ask for this, or are not content with it, tell us. You can also complain to the Information \
Commissioner's Office.
""",
        )
    },
    sample=DataCaseClosedVariables(name="Amina Khan", is_erased=True, is_something_kept=False),
)
