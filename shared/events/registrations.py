"""What `clearing` tells of registrations: displaced employees on their way onto the register and to their pages."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, ContactWithReasons, Event, Sealed
from shared.vocabulary import Service


class RegistrationConfirmationWanted(Event):
    """Somebody registered themselves with this address: it counts once they follow the link. No council hears of it."""

    name: ClassVar[str] = "clearing.registration_confirmation_wanted.v1"
    aggregate: ClassVar[str] = "registration"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    registration_id: UUID
    expires_at: datetime


class RegistrationSubmitted(Event):
    name: ClassVar[str] = "clearing.registration_submitted.v1"
    aggregate: ClassVar[str] = "registration"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    registration_id: UUID
    home_employer_id: UUID


class RegistrationVerified(Event):
    name: ClassVar[str] = "clearing.registration_verified.v1"
    aggregate: ClassVar[str] = "registration"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    registration_id: UUID
    home_employer_id: UUID


class RegistrationReturned(Event):
    name: ClassVar[str] = "clearing.registration_returned.v1"
    aggregate: ClassVar[str] = "registration"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithReasons}
    registration_id: UUID
    home_employer_id: UUID


class SignInLinkRequested(Event):
    """A displaced employee asked for a link to their own pages."""

    name: ClassVar[str] = "clearing.sign_in_link_requested.v1"
    aggregate: ClassVar[str] = "registration"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    registration_id: UUID
    home_employer_id: UUID
    expires_at: datetime
