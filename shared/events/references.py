"""What `ats` tells of the references that are asked for about a candidate. What a referee says is in none of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, Event, Sealed
from shared.vocabulary import Service


class RefereeContact(ContactWithLink):
    """A referee, their link, and whom they are asked about."""

    candidate_name: str


class ReferenceWanted(Event):
    """A referee is asked about a candidate; again as a reminder, which `reminder_no` counts."""

    name: ClassVar[str] = "ats.reference_wanted.v1"
    aggregate: ClassVar[str] = "reference"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: RefereeContact}
    reference_id: UUID
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    reminder_no: int
    expires_at: datetime


class ReferenceConsentWanted(Event):
    """A candidate who wants to be asked before a referee is written to."""

    name: ClassVar[str] = "ats.reference_consent_wanted.v1"
    aggregate: ClassVar[str] = "reference"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    reference_id: UUID
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str


class ReferenceExpired(Event):
    """Twelve weeks passed without an answer; whoever asked is told."""

    name: ClassVar[str] = "ats.reference_expired.v1"
    aggregate: ClassVar[str] = "reference"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    reference_id: UUID
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    asker_id: UUID
    vacancy_title: str
    candidate_reference: str


class ReferenceReceived(Event):
    """A referee has answered; what they said stays where it is."""

    name: ClassVar[str] = "ats.reference_received.v1"
    aggregate: ClassVar[str] = "reference"
    reference_id: UUID
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
