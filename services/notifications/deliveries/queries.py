"""Questions about deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.notifications.deliveries.models import IS_SENDING, IS_WAITING, Delivery, DeliveryAttempt
from services.notifications.deliveries.reach import Reach, only_named
from services.notifications.deliveries.recipients import recipient_id
from services.notifications.deliveries.schemas import AddressSearch, DeliveryFilter
from shared.errors import Forbidden, NotFound
from shared.pagination import PageRequest, paginate

OTHERS = aliased(Delivery)
IS_SHOWN = or_(
    Delivery.is_concealed.is_(False),
    exists().where(OTHERS.subject_id == Delivery.subject_id, OTHERS.is_concealed.is_(False)),
)
"""What was said of somebody before they could be known is shown once something was said after."""
NEWEST_FIRST: tuple[Any, ...] = (Delivery.created_at, Delivery.id)


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    title = "There is no such delivery here for you"


class AddressesNotForYou(Forbidden):
    code = "addresses_not_for_you"
    title = "You may see that messages went out, but not to whom"


async def count_due(session: AsyncSession, now: datetime) -> int:
    """How many messages are on their way or should be."""
    due = or_(IS_SENDING, and_(IS_WAITING, Delivery.due_at <= now))
    return await session.scalar(select(func.count()).select_from(Delivery).where(due)) or 0


async def list_deliveries(
    session: AsyncSession, wanted: DeliveryFilter, reaches: Sequence[Reach], page: PageRequest
) -> tuple[list[Delivery], str | None]:
    """Newest first."""
    statement = _seen(reaches)
    if wanted.recipient_id is not None:
        statement = statement.where(IS_SHOWN)
    for name in ("recipient_id", "subject_id", "vacancy_id", "event_id", "kind", "state"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(Delivery, name) == value)
    if wanted.created_from is not None:
        statement = statement.where(Delivery.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        statement = statement.where(Delivery.created_at < wanted.created_before)
    return await paginate(session, statement, page, order=NEWEST_FIRST, descending=True)


async def search_deliveries(
    session: AsyncSession, search: AddressSearch, reaches: Sequence[Reach], page: PageRequest
) -> tuple[list[Delivery], str | None]:
    """What was said to one address, newest first. Raises AddressesNotForYou (403).

    Only kinds whose addresses the caller may see are searched: a hit would tell as much as the address itself.
    """
    named = only_named(reaches)
    if not named:
        raise AddressesNotForYou
    statement = _seen(named).where(IS_SHOWN, Delivery.recipient_id == recipient_id(search.address))
    if search.kind is not None:
        statement = statement.where(Delivery.kind == search.kind)
    if search.state is not None:
        statement = statement.where(Delivery.state == search.state)
    return await paginate(session, statement, page, order=NEWEST_FIRST, descending=True)


async def get_delivery(session: AsyncSession, delivery_id: UUID, reaches: Sequence[Reach]) -> Delivery:
    """Raises DeliveryNotFound, for another employer's too."""
    found = await session.scalar(_seen(reaches).where(Delivery.id == delivery_id))
    if found is None:
        raise DeliveryNotFound
    return found


async def concealed_among(session: AsyncSession, found: Sequence[Delivery]) -> frozenset[UUID]:
    """The deliveries, by id, of which nobody is shown whom they went to: a panel is still choosing without names."""
    told = [each.id for each in found if each.is_concealed]
    if not told:
        return frozenset()
    shown = await session.scalars(select(Delivery.id).where(Delivery.id.in_(told), IS_SHOWN))
    return frozenset(told).difference(shown)


async def list_attempts(session: AsyncSession, delivery_id: UUID) -> Sequence[DeliveryAttempt]:
    query = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery_id)
    return (await session.scalars(query.order_by(DeliveryAttempt.attempt_no))).all()


def _seen(reaches: Sequence[Reach]) -> Select[Any]:
    return select(Delivery).where(or_(false(), *(_within(reach) for reach in reaches)))


def _within(reach: Reach) -> ColumnElement[bool]:
    there = true() if reach.employer_ids is None else Delivery.employer_ids.overlap(sorted(reach.employer_ids))
    return and_(Delivery.kind.in_(sorted(reach.kinds)), there)
