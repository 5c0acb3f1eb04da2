"""What this service does about what it hears: it stores messages for people and for systems, and keeps its copy of the
registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries import commands
from services.notifications.deliveries.queries import count_due
from services.notifications.messages.catalogue import BY_EVENT
from services.notifications.privacy import commands as privacy
from services.notifications.webhooks.event_types import BY_EVENT as TOLD_TO_SYSTEMS
from services.notifications.webhooks.queries import count_due as count_due_webhooks
from services.notifications.webhooks.telling import tell_systems
from shared.consumer import Handler, Handling
from shared.events.applications import ApplicationRejectionUndone
from shared.events.base import Contact, Event
from shared.events.privacy import CaseSubject, DataSubjectCaseOpened
from shared.registry_handlers import REGISTRY_HANDLERS
from shared.settling import settling_handlers
from shared.vocabulary import Service


async def on_fact_to_tell(handling: Handling, event: Event) -> None:
    contact = handling.sealed
    if not isinstance(contact, Contact):
        raise TypeError(f"{event.name} comes with the contact of the person to tell")
    fact = commands.Fact(handling.event_id, event, handling.occurred_at, contact)
    await commands.store_deliveries(handling.session, fact, now=handling.now)


async def on_rejection_undone(handling: Handling, event: Event) -> None:
    """Stop the rejection's message; where it has left, say that we have looked again. Raises Parked until that is
    known.
    """
    if not isinstance(event, ApplicationRejectionUndone):
        raise TypeError(f"{event.name} takes no rejection back")
    rejection = event.rejection_event_id
    if rejection is None or await commands.cancel_deliveries(handling.session, rejection, now=handling.now):
        await on_fact_to_tell(handling, event)


async def on_data_subject_case_opened(handling: Handling, event: DataSubjectCaseOpened) -> None:
    subject = handling.sealed
    if not isinstance(subject, CaseSubject):
        raise TypeError(f"{event.name} comes with the address of the person")
    await privacy.answer(handling.session, event, subject, now=handling.now)


async def tell_people_and_systems(handling: Handling, event: Event) -> None:
    """Both in the one transaction that claims the event."""
    await on_fact_to_tell(handling, event)
    await tell_systems(handling, event)


async def on_rejection_undone_for_all(handling: Handling, event: Event) -> None:
    """The same of a rejection that was taken back. Raises Parked as that does."""
    await on_rejection_undone(handling, event)
    await tell_systems(handling, event)


async def count_unsent(session: AsyncSession, now: datetime) -> int:
    return await count_due(session, now) + await count_due_webhooks(session, now)


HANDLERS: Mapping[type[Event], Handler] = MappingProxyType(
    {
        **REGISTRY_HANDLERS,
        **dict.fromkeys(BY_EVENT, on_fact_to_tell),
        **dict.fromkeys(TOLD_TO_SYSTEMS, tell_systems),
        **dict.fromkeys(BY_EVENT.keys() & TOLD_TO_SYSTEMS.keys(), tell_people_and_systems),
        ApplicationRejectionUndone: on_rejection_undone_for_all,
        DataSubjectCaseOpened: on_data_subject_case_opened,
        **settling_handlers(Service.NOTIFICATIONS, count_unsent),
    }
)
