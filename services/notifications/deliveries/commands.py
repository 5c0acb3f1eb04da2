"""What is stored, expired and wiped. Sending is in `handing_over.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, func, null, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries import rules
from services.notifications.deliveries.metrics import count_when_committed
from services.notifications.deliveries.models import IS_UNWIPED, IS_WAITING, Delivery
from services.notifications.deliveries.recipients import recipient_id
from services.notifications.deliveries.states import WAITING, DeliveryState
from services.notifications.messages.catalogue import AnyKind, kinds_for
from services.notifications.messages.kinds import NameOf
from shared.events.base import Contact, Event
from shared.inbox import Parked
from shared.registry import list_employers

# What an employer is called whose entry in the registry has not come yet.
SOME_EMPLOYER = "the council"
AT_A_TIME = 100

# A link opens somebody's pages: it goes as soon as nobody needs it for sending.
CONTENTS_WITHOUT_LINK = Delivery.contents.op("#-")(text("'{variables,link}'")).op("#-")(
    text("'{variables,unsubscribe_link}'")
)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event that people are told of, with its sealed part."""

    event_id: UUID
    event: Event
    occurred_at: datetime
    contact: Contact = field(repr=False)


_deliveries = cast("Table", Delivery.__table__)
_STORE = insert(_deliveries).on_conflict_do_nothing().returning(_deliveries.c.kind)


async def store_deliveries(session: AsyncSession, fact: Fact, *, now: datetime) -> int:
    """Store a delivery for each kind and channel that tells of `fact`; one that is there already stays as it is.

    Nothing is sent here: the commit of this transaction wakes the sender. Returns how many are new.
    """
    kinds = kinds_for(fact.event)
    name_of = await _names(session, fact.event.readers)
    rows = [row for kind in kinds for row in _rows(kind, fact, name_of, now)]
    if not rows:
        return 0
    stored = (await session.scalars(_STORE, rows)).all()
    count_when_committed(session, DeliveryState.CREATED, stored)
    return len(stored)


async def cancel_deliveries(session: AsyncSession, event_id: UUID, *, now: datetime) -> bool:
    """Stop what tells of a fact that was taken back. Whether somebody was told all the same.

    Raises Parked while the fact has not come, or while its message is being handed over.
    """
    of_fact = select(Delivery).where(Delivery.event_id == event_id).order_by(Delivery.id).with_for_update()
    found = (await session.scalars(of_fact)).all()
    if not found:
        raise Parked("what is taken back has not come yet")
    if any(each.state is DeliveryState.SENDING for each in found):
        raise Parked("what is taken back is on its way")
    stopped = [each for each in found if each.state in WAITING]
    for each in stopped:
        each.state, each.ended_at = DeliveryState.CANCELLED, now
    await session.flush()
    count_when_committed(session, DeliveryState.CANCELLED, [each.kind for each in stopped])
    return any(each.state in {DeliveryState.SENT, DeliveryState.DELIVERED} for each in found)


async def _names(session: AsyncSession, employer_ids: Iterable[UUID]) -> NameOf:
    titles = {employer.id: employer.title for employer in await list_employers(session, employer_ids)}
    return lambda employer_id: titles.get(employer_id, SOME_EMPLOYER)


def _rows(kind: AnyKind, fact: Fact, name_of: NameOf, now: datetime) -> Iterable[dict[str, Any]]:
    event, contact = fact.event, fact.contact
    variables = kind.compose(event, contact, name_of)
    lapses_at = kind.lapses_at(event, fact.occurred_at)
    for channel in kind.channels:
        yield {
            "id": uuid4(),
            "state": DeliveryState.CREATED,
            "attempts": 0,
            "event_id": fact.event_id,
            "event_name": event.name,
            "kind": kind.key,
            "channel": channel,
            "recipient_id": recipient_id(contact.email),
            "employer_ids": sorted(event.readers),
            "subject": event.aggregate,
            "subject_id": event.aggregate_id,
            "vacancy_id": getattr(event, "vacancy_id", None),
            "is_concealed": getattr(event, "is_candidate_hidden", False),
            "urgency": kind.urgency,
            "contents": {"address": contact.email, "variables": variables.model_dump(mode="json")},
            "occurred_at": fact.occurred_at,
            "created_at": now,
            "due_at": now,
            "expires_at": rules.expires_at(lapses_at, now),
        }


async def expire_deliveries(session: AsyncSession, now: datetime) -> int:
    """End what is too late to be of use, dated with the instant it became so. Due each second."""
    due = (
        select(Delivery.id)
        .where(IS_WAITING, Delivery.expires_at <= now)
        .order_by(Delivery.expires_at)
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(Delivery)
        .where(Delivery.id == due.c.id)
        .values(
            state=DeliveryState.EXPIRED,
            ended_at=func.greatest(Delivery.expires_at, Delivery.created_at),
            contents=CONTENTS_WITHOUT_LINK,
        )
        .returning(Delivery.kind)
    )
    kinds = (await session.scalars(statement.execution_options(synchronize_session=False))).all()
    count_when_committed(session, DeliveryState.EXPIRED, kinds)
    return len(kinds)


async def wipe_deliveries(session: AsyncSession, now: datetime) -> int:
    """Forget addresses and variables whose retention has ended (90 days after the delivery did). Due each second.

    The row stays as a figure: its recipient's id becomes one that joins nothing.
    """
    due = (
        select(Delivery.id)
        .where(IS_UNWIPED, Delivery.ended_at <= now - rules.RETENTION)
        .order_by(Delivery.ended_at)
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(Delivery)
        .where(Delivery.id == due.c.id)
        .values(contents=null(), recipient_id=func.gen_random_uuid())
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())
