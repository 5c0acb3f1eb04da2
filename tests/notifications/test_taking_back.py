"""A rejection taken back: its message is stopped where it has not left, and apologised for where it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.commands import Fact, store_deliveries
from services.notifications.deliveries.models import Delivery
from services.notifications.deliveries.states import DeliveryState
from services.notifications.handlers import HANDLERS
from shared.consumer import Handling
from shared.events.applications import ApplicationRejected, ApplicationRejectionUndone
from shared.events.base import Contact
from shared.inbox import Parked
from tests.factories.ats import NOW, SAW

CONTACT = Contact(name="Amara Osei", email="amara@people.example")
APPLICATION, VACANCY, REJECTION = uuid4(), uuid4(), uuid4()
ABOUT: dict[str, Any] = {
    "application_id": APPLICATION,
    "vacancy_id": VACANCY,
    "employer_id": SAW,
    "vacancy_title": "Housing officer",
}


async def tell_rejection(session: AsyncSession, state: DeliveryState = DeliveryState.CREATED) -> None:
    event = ApplicationRejected(**ABOUT, after_interview=False)
    await store_deliveries(session, Fact(REJECTION, event, NOW, CONTACT), now=NOW)
    await session.execute(update(Delivery).where(Delivery.event_id == REJECTION).values(state=state))


async def take_back(session: AsyncSession) -> None:
    event = ApplicationRejectionUndone(**ABOUT, rejection_event_id=REJECTION)
    later = NOW + timedelta(hours=1)
    await HANDLERS[ApplicationRejectionUndone](Handling(session, later, uuid4(), later, CONTACT), event)


async def states(session: AsyncSession) -> dict[str, DeliveryState]:
    session.expire_all()
    found = await session.execute(select(Delivery.kind, Delivery.state).where(Delivery.subject_id == APPLICATION))
    return {row.kind: row.state for row in found}


@pytest.mark.parametrize("state", [DeliveryState.CREATED, DeliveryState.TEMPORARY_FAILURE])
async def test_what_has_not_left_is_stopped_and_nothing_is_said(
    notifications_session: AsyncSession, state: DeliveryState
) -> None:
    await tell_rejection(notifications_session, state)
    await take_back(notifications_session)
    assert await states(notifications_session) == {"rejected_after_sift": DeliveryState.CANCELLED}


async def test_what_has_left_is_apologised_for(notifications_session: AsyncSession) -> None:
    await tell_rejection(notifications_session, DeliveryState.SENT)
    await take_back(notifications_session)
    assert await states(notifications_session) == {
        "rejected_after_sift": DeliveryState.SENT,
        "rejection_undone": DeliveryState.CREATED,
    }


async def test_what_never_reached_its_reader_needs_no_apology(notifications_session: AsyncSession) -> None:
    await tell_rejection(notifications_session, DeliveryState.PERMANENT_FAILURE)
    await take_back(notifications_session)
    assert "rejection_undone" not in await states(notifications_session)


async def test_taken_back_before_it_came_it_waits_for_it(notifications_session: AsyncSession) -> None:
    """Order is not promised."""
    with pytest.raises(Parked):
        await take_back(notifications_session)


async def test_while_it_is_being_handed_over_nobody_knows_yet(notifications_session: AsyncSession) -> None:
    await tell_rejection(notifications_session, DeliveryState.SENDING)
    with pytest.raises(Parked):
        await take_back(notifications_session)
