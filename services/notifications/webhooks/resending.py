"""Sending again: one delivery, what died in a period, or all that was told in one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks import rules
from services.notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from services.notifications.webhooks.schemas import Period
from services.notifications.webhooks.states import WebhookDeliveryState
from services.notifications.webhooks.telling import COLUMNS, DELIVERIES, is_for, new_delivery, refuse_off
from shared.errors import DomainError, Invalid

MOST_AT_ONCE = 10_000
BATCH = 100
ENDED = (WebhookDeliveryState.DELIVERED, WebhookDeliveryState.DEAD)


class PeriodNotUnderstood(Invalid):
    code: ClassVar[str] = "period_not_understood"
    title: ClassVar[str] = "The period has to begin before it ends"


class TooMuchAtOnce(DomainError):
    code: ClassVar[str] = "too_much_at_once"
    title: ClassVar[str] = f"At most {MOST_AT_ONCE} messages are sent again at once"


class DeliveryUnderWay(DomainError):
    code: ClassVar[str] = "webhook_delivery_under_way"
    title: ClassVar[str] = "It is being sent, or waits to be"


async def replay(
    session: AsyncSession, endpoint: WebhookEndpoint, period: Period, names: Sequence[str] | None, *, now: datetime
) -> int:
    """Send all that was told in a period, whether or not it arrived, under its old ids. Returns how many.

    What is waiting or under way is left as it is. Raises WebhookOff, PeriodNotUnderstood, TooMuchAtOnce.
    """
    refuse_off(endpoint)
    wanted = [
        WebhookEndpoint.id == endpoint.id,
        WebhookEvent.occurred_at >= period.begin,
        WebhookEvent.occurred_at < period.until,
        *is_for(event_type_of=WebhookEvent.event_type),
    ]
    if names is not None:
        wanted.append(WebhookEvent.event_type.in_(names))
    count = select(func.count()).select_from(WebhookEvent).join(WebhookEndpoint, literal(True)).where(*wanted)
    await _refuse_too_many(session, period, count)
    chosen = select(*new_delivery(now)).where(*wanted)
    statement = insert(DELIVERIES).from_select(COLUMNS, chosen)
    ended = DELIVERIES.c.state.in_(ENDED)
    again = statement.on_conflict_do_update(
        index_elements=["webhook_id", "event_id"], set_=_from_the_start(now), where=ended
    ).returning(DELIVERIES.c.id)
    return len((await session.scalars(again)).all())


async def redrive(session: AsyncSession, endpoint: WebhookEndpoint, period: Period, *, now: datetime) -> int:
    """Send again what died of what was stored in a period. Raises WebhookOff, PeriodNotUnderstood, TooMuchAtOnce."""
    refuse_off(endpoint)
    dead = (
        WebhookDelivery.webhook_id == endpoint.id,
        WebhookDelivery.state == WebhookDeliveryState.DEAD,
        WebhookDelivery.created_at >= period.begin,
        WebhookDelivery.created_at < period.until,
    )
    await _refuse_too_many(session, period, select(func.count()).select_from(WebhookDelivery).where(*dead))
    return await _send_again(session, *dead, now=now)


async def redrive_one(
    session: AsyncSession, endpoint: WebhookEndpoint, delivery: WebhookDelivery, *, now: datetime
) -> WebhookDelivery:
    """Send one again, dead or delivered. Raises WebhookOff, DeliveryUnderWay."""
    refuse_off(endpoint)
    ended = WebhookDelivery.state.in_(ENDED)
    if not await _send_again(session, WebhookDelivery.id == delivery.id, ended, now=now):
        raise DeliveryUnderWay(next_step="Wait for what comes of it.")
    await session.refresh(delivery)
    return delivery


def _from_the_start(now: datetime) -> dict[str, Any]:
    return {
        "state": WebhookDeliveryState.WAITING,
        "tries": 0,
        "due_at": now,
        "give_up_at": now + rules.GIVE_UP_AFTER,
        "ended_at": None,
    }


async def _send_again(session: AsyncSession, *conditions: Any, now: datetime) -> int:
    statement = update(WebhookDelivery).where(*conditions).values(_from_the_start(now)).returning(WebhookDelivery.id)
    found = await session.scalars(statement.execution_options(synchronize_session=False))
    return len(found.all())


async def _refuse_too_many(session: AsyncSession, period: Period, count: Any) -> None:
    if period.begin >= period.until:
        raise PeriodNotUnderstood(field="until", next_step="Give `from` and `until` with their offsets.")
    if (await session.scalar(count) or 0) > MOST_AT_ONCE:
        raise TooMuchAtOnce(next_step="Ask for a shorter period, and then for the next one.")


async def give_up_overdue(session: AsyncSession, now: datetime) -> int:
    """Due work: what could not be sent in time is dead, dated with the instant it became so."""
    due = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.state == WebhookDeliveryState.WAITING, WebhookDelivery.give_up_at <= now)
        .order_by(WebhookDelivery.give_up_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == due.c.id)
        .values(state=WebhookDeliveryState.DEAD, ended_at=WebhookDelivery.give_up_at)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())


async def forget_old(session: AsyncSession, now: datetime) -> int:
    """Due work: thirty days on, forget what was told and what was sent; and a secret whose day of overlap is over."""
    until = now - rules.RETENTION
    old = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.created_at < until, WebhookDelivery.ended_at.is_not(None))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(old)).all()
    if ids:
        await session.execute(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(ids)))
        await session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(ids)))
    told = select(WebhookEvent.event_id).where(WebhookEvent.occurred_at < until).limit(BATCH)
    forgotten = delete(WebhookEvent).where(WebhookEvent.event_id.in_(told)).returning(WebhookEvent.event_id)
    events = (await session.scalars(forgotten)).all()
    overlapped = (
        update(WebhookEndpoint)
        .where(WebhookEndpoint.previous_until <= now)
        .values(sealed_previous_secret=None, previous_until=None)
        .returning(WebhookEndpoint.id)
    )
    secrets = (await session.scalars(overlapped.execution_options(synchronize_session=False))).all()
    return len(ids) + len(events) + len(secrets)
