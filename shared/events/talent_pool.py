"""What `ats` tells of the talent pool. Who is invited to what is in the sealed part alone."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import ContactWithLink, Event, Sealed
from shared.vocabulary import Service


class TalentPoolLinkWanted(Event):
    """Somebody has joined the talent pool, or is asked before its end whether to stay: both with a link to leave."""

    name: ClassVar[str] = "ats.talent_pool_link_wanted.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    wanted_for: Literal["joined", "keep"]
    until: datetime
    is_candidate_hidden: bool = False


class PoolContact(ContactWithLink):
    """Who is invited by whom to which job. Sealed: no employer learns from the fact whether its invitation went out."""

    unsubscribe_link: str
    vacancy_title: str
    employer: str


class TalentPoolInvited(Event):
    """Somebody in the talent pool is invited to apply for an advert that is live."""

    name: ClassVar[str] = "ats.talent_pool_invited.v1"
    aggregate: ClassVar[str] = "member"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: PoolContact}
    member_id: UUID
    closes_at: datetime
