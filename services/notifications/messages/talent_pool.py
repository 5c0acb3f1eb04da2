"""The talent pool: joined, asked to stay before a year is over, and invited to apply, with the way out in each."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import (
    Audience,
    Channel,
    Line,
    MessageKind,
    NameOf,
    OptionalVariables,
    Purpose,
    Variables,
    WebAddress,
    Wording,
)
from shared.events.base import ContactWithLink
from shared.events.talent_pool import PoolContact, TalentPoolInvited, TalentPoolLinkWanted


class TalentPoolLinkVariables(Variables):
    vacancy_title: Line
    employer: Line
    until: datetime
    link: WebAddress


class TalentPoolInvitationVariables(OptionalVariables):
    vacancy_title: Line
    employer: Line
    closes_at: datetime
    link: WebAddress


def compose(event: TalentPoolLinkWanted, contact: ContactWithLink, name_of: NameOf) -> TalentPoolLinkVariables:
    return TalentPoolLinkVariables(
        name=contact.name,
        vacancy_title=event.vacancy_title,
        employer=name_of(event.employer_id),
        until=event.until,
        link=contact.link,
    )


def compose_invitation(
    event: TalentPoolInvited, contact: PoolContact, _name_of: NameOf
) -> TalentPoolInvitationVariables:
    return TalentPoolInvitationVariables(
        name=contact.name,
        vacancy_title=contact.vacancy_title,
        employer=contact.employer,
        closes_at=event.closes_at,
        link=contact.link,
        unsubscribe_link=contact.unsubscribe_link,
    )


SAMPLE = TalentPoolLinkVariables(
    name="Amina Khan",
    vacancy_title="Housing Officer",
    employer="Sandwell Council",
    until=datetime(2027, 11, 23, 10, 15, tzinfo=UTC),
    link="https://jobs.example/l/sample",
)

JOINED = MessageKind(
    key="talent_pool_joined",
    title="Talent pool: joined",
    event=TalentPoolLinkWanted,
    applies=lambda event: event.wanted_for == "joined",
    variables=TalentPoolLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you agreed to be invited to jobs.",
    wording={
        Channel.EMAIL: Wording(
            subject="You are in the talent pool",
            body="""
Dear {{ name }}

You applied to be {{ vacancy_title }} at {{ employer }}, and agreed to be invited to apply for jobs like it. This has \
nothing to do with how your application is decided.

You are in the pool until {{ until | date }}. You can change who may invite you, or leave, at any time:

[Your choice]({{ link }})

If you did not ask for this, leave the pool there.
""",
        )
    },
    sample=SAMPLE,
)

KEEP = MessageKind(
    key="talent_pool_to_keep",
    title="Talent pool: stay or leave",
    event=TalentPoolLinkWanted,
    applies=lambda event: event.wanted_for == "keep",
    variables=TalentPoolLinkVariables,
    compose=compose,
    audience=Audience.CANDIDATE,
    because="We sent this because you agreed to be invited to jobs.",
    lapses_at=lambda event, _occurred_at: event.until,
    wording={
        Channel.EMAIL: Wording(
            subject="Do you want to stay in the talent pool?",
            body="""
Dear {{ name }}

You applied to be {{ vacancy_title }} at {{ employer }}, and agreed to be invited to apply for jobs like it.

That ends on {{ until | date }}, and then you are not invited any more. If you want to stay for another 12 months, say \
so here:

[Stay in the pool, or leave it now]({{ link }})

You do not need to do anything if you want to leave. We do not ask again.
""",
        )
    },
    sample=SAMPLE,
)

INVITATION = MessageKind(
    key="talent_pool_invitation",
    title="Invited to apply",
    event=TalentPoolInvited,
    variables=TalentPoolInvitationVariables,
    compose=compose_invitation,
    audience=Audience.CANDIDATE,
    purpose=Purpose.OPTIONAL,
    lapses_at=lambda event, _occurred_at: event.closes_at,
    because="We sent this because you agreed to be invited to jobs like one that you applied for.",
    wording={
        Channel.EMAIL: Wording(
            subject="{{ employer }} invites you to apply: {{ vacancy_title }}",
            body="""
Dear {{ name }}

{{ employer }} is looking for a {{ vacancy_title }} and invites you to apply. You are invited because you applied for \
a job like it before. You apply as everybody else does, and it is decided in the same way.

[Read about the job, and apply]({{ link }})

It closes on {{ closes_at | date }}.

[Leave the talent pool]({{ unsubscribe_link }})
""",
        )
    },
    sample=TalentPoolInvitationVariables(
        name="Amina Khan",
        vacancy_title="Housing Officer",
        employer="Sandwell Council",
        closes_at=datetime(2026, 12, 6, 23, 59, 59, tzinfo=UTC),
        link="https://jobs.example/jobs/sample",
        unsubscribe_link="https://jobs.example/talent-pool/leave/sample",
    ),
)
