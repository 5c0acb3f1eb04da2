"""What `ats` tells of a reserve list: that somebody is on it, and that this was taken back."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events.base import Contact, Event, Sealed
from shared.vocabulary import Service


class ReserveListed(Event):
    """Could do the job, and is offered it if it is free again by then."""

    name: ClassVar[str] = "ats.reserve_listed.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    until: datetime


class ReserveListingUndone(Event):
    """A listing that was told was taken back: the candidate is considered as before it."""

    name: ClassVar[str] = "ats.reserve_listing_undone.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
