"""Which letters may share a transaction: those whose handlers lock nothing but the one row that an event is about."""

from __future__ import annotations

from services.ats import handlers as ats
from services.clearing import handlers as clearing
from services.notifications import handlers as notifications
from shared import registry_handlers
from shared.events.routing import IN_GROUPS, SUBSCRIBERS
from shared.vocabulary import Service

HANDLERS = {
    Service.ATS: ats.HANDLERS,
    Service.CLEARING: clearing.HANDLERS,
    Service.NOTIFICATIONS: notifications.HANDLERS,
}
# Each was read for what it locks: it adds rows, or keeps the newer copy of one row that nobody else changes.
LOCK_NOTHING_ELSE = {
    registry_handlers.on_employer_changed,
    registry_handlers.on_staff_changed,
    notifications.on_fact_to_tell,
    notifications.tell_systems,
    notifications.tell_people_and_systems,
}


def test_a_group_is_done_only_by_handlers_that_lock_nothing_else() -> None:
    found = {HANDLERS[service][event] for service, events in IN_GROUPS.items() for event in events}
    assert found == LOCK_NOTHING_ELSE


def test_a_group_is_of_events_that_the_service_hears() -> None:
    for service, events in IN_GROUPS.items():
        assert all(service in SUBSCRIBERS[event] for event in events)
