"""What `clearing` and `notifications` do when the registry changes at `ats`: the same in both."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared import registry, sessions
from shared.consumer import Handler, Handling
from shared.events.ats import EmployerChanged, SigningKeyPublished, StaffChanged, StaffContact, StaffSessionsEnded
from shared.events.base import Event


async def on_employer_changed(handling: Handling, event: EmployerChanged) -> None:
    await registry.apply_employer_changed(handling.session, event)


async def on_staff_changed(handling: Handling, event: StaffChanged) -> None:
    contact = handling.sealed
    if not isinstance(contact, StaffContact):
        raise TypeError("a staff change comes with the person's contact")
    await registry.apply_staff_changed(handling.session, event, contact)


async def on_signing_key_published(handling: Handling, event: SigningKeyPublished) -> None:
    await registry.apply_signing_key_published(handling.session, event)


async def on_staff_sessions_ended(handling: Handling, event: StaffSessionsEnded) -> None:
    await sessions.apply_staff_sessions_ended(handling.session, event)


REGISTRY_HANDLERS: Mapping[type[Event], Handler] = MappingProxyType(
    {
        EmployerChanged: on_employer_changed,
        StaffChanged: on_staff_changed,
        SigningKeyPublished: on_signing_key_published,
        StaffSessionsEnded: on_staff_sessions_ended,
    }
)
