"""Claiming messages for an attempt, and recording what came of it: each in a transaction of its own.

The attempt is counted before anything is sent. Where a worker dies in between, the lease runs out, the attempt counts
as lost and the message goes out again under the same id: a receiver that has seen it leaves it at that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CTE, case, func, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks import rules, signing
from services.notifications.webhooks.models import (
    IS_SENDING,
    IS_WAITING,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from services.notifications.webhooks.posting import Message, Posted
from services.notifications.webhooks.rules import Health
from services.notifications.webhooks.states import (
    DisabledReason,
    EndpointState,
    WebhookAnswer,
    WebhookDeliveryState,
)
from shared import outbox
from shared.events.base import Contact
from shared.events.notifications import WebhookDisabled
from shared.vocabulary import Service

# Longer than an attempt may take, so that only the dead lose a lease.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message that this worker may send now, as attempt number `attempt_no`."""

    delivery_id: UUID
    attempt_no: int
    event_type: str
    occurred_at: datetime
    started_at: datetime
    url: str = field(repr=False)
    body: str = field(repr=False)
    webhook_id: UUID
    event_id: UUID
    sealed_secrets: tuple[str, ...] = field(repr=False)

    def message(self) -> Message:
        """Raises Unsealable."""
        secrets = tuple(signing.opened(each, self.webhook_id) for each in self.sealed_secrets)
        return Message(str(self.event_id), self.url, self.body.encode(), secrets)


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says about one attempt. `jitter` in [0, 1) spreads the next one."""

    delivery_id: UUID
    attempt_no: int
    posted: Posted
    started_at: datetime
    ended_at: datetime
    jitter: float


async def claim_messages(session: AsyncSession, count: int, *, now: datetime) -> Sequence[Claimed]:
    """Take up to `count` due messages and count an attempt for each.

    No endpoint has more than `rules.LANE` under way, and one that has just failed no more than one: however many wait
    for it, the others are not kept waiting. What is longest due goes first.
    """
    chosen = _chosen(count, now)
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == chosen.c.id)
        .values(
            state=WebhookDeliveryState.SENDING,
            attempts=WebhookDelivery.attempts + 1,
            tries=WebhookDelivery.tries + 1,
            started_at=now,
            leased_until=func.clock_timestamp() + literal(LEASE),
        )
        .returning(WebhookDelivery)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    taken = (await session.scalars(statement)).all()
    ids = {each.webhook_id for each in taken}
    found = await session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id.in_(ids)))
    endpoints = {each.id: each for each in found}
    return [_claimed(each, endpoints[each.webhook_id], now) for each in taken]


def _chosen(count: int, now: datetime) -> CTE:
    """The ids, locked: by endpoint as many as its lane has room for, and of those the longest due."""
    sending = (
        select(func.count())
        .select_from(WebhookDelivery)
        .where(IS_SENDING, WebhookDelivery.webhook_id == WebhookEndpoint.id)
        .correlate(WebhookEndpoint)
        .scalar_subquery()
    )
    lane = case((WebhookEndpoint.failures > 0, 1), else_=rules.LANE)
    due = (
        select(WebhookDelivery.id, WebhookDelivery.due_at)
        .where(IS_WAITING, WebhookDelivery.webhook_id == WebhookEndpoint.id, WebhookDelivery.due_at <= now)
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(func.greatest(lane - sending, 0))
        .correlate(WebhookEndpoint)
        .with_for_update(skip_locked=True)
        .lateral("due")
    )
    return (
        select(due.c.id)
        .select_from(WebhookEndpoint)
        .join(due, true())
        .where(
            WebhookEndpoint.state == EndpointState.ENABLED,
            or_(WebhookEndpoint.held_until.is_(None), WebhookEndpoint.held_until <= now),
        )
        .order_by(due.c.due_at, due.c.id)
        .limit(count)
        .cte("chosen")
    )


def _claimed(delivery: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> Claimed:
    return Claimed(
        delivery_id=delivery.id,
        attempt_no=delivery.attempts,
        event_type=delivery.event_type,
        occurred_at=delivery.occurred_at,
        started_at=now,
        url=endpoint.url,
        body=delivery.body,
        webhook_id=endpoint.id,
        event_id=delivery.event_id,
        sealed_secrets=_secrets_of(endpoint, now),
    )


def _secrets_of(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """What its messages are signed with: for a day after a rotation, the secret before too."""
    sealed = [endpoint.sealed_secret]
    if endpoint.sealed_previous_secret and endpoint.previous_until is not None and now < endpoint.previous_until:
        sealed.append(endpoint.sealed_previous_secret)
    return tuple(sealed)


async def record_answer(session: AsyncSession, report: Report) -> WebhookDeliveryState | None:
    """Write what came of an attempt, for the message and for its endpoint. None where its lease had run out before."""
    found = await session.scalar(
        select(WebhookDelivery)
        .where(
            WebhookDelivery.id == report.delivery_id,
            WebhookDelivery.attempts == report.attempt_no,
            WebhookDelivery.state == WebhookDeliveryState.SENDING,
        )
        .with_for_update()
    )
    if found is None:
        return None
    _note(session, found, report)
    await _judge(session, found.webhook_id, report)
    return found.state


def _note(session: AsyncSession, delivery: WebhookDelivery, report: Report) -> None:
    posted, at = report.posted, report.ended_at
    delivery.state = rules.state_after(posted.answer, delivery.tries)
    delivery.last_answer, delivery.leased_until = posted.answer, None
    if delivery.state is WebhookDeliveryState.WAITING:
        delivery.due_at = rules.due_again_at(at, delivery.tries, report.jitter, posted.retry_after)
    else:
        delivery.ended_at = at
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id,
            attempt_no=report.attempt_no,
            answer=posted.answer,
            status_code=posted.status_code,
            started_at=report.started_at,
            ended_at=at,
        )
    )


async def _judge(session: AsyncSession, webhook_id: UUID, report: Report) -> None:
    """How the endpoint does after this. One that was well and still is, is not written: its row is nobody's queue."""
    endpoint = await session.get(WebhookEndpoint, webhook_id)
    if endpoint is None or (report.posted.answer is WebhookAnswer.ACCEPTED and _health_of(endpoint).is_well):
        return
    await session.refresh(endpoint, with_for_update=True)
    health = rules.health_after(_health_of(endpoint), report.posted.answer, report.ended_at, report.posted.retry_after)
    endpoint.failures, endpoint.failing_since, endpoint.held_until = (
        health.failures,
        health.failing_since,
        health.held_until,
    )
    is_on = endpoint.state is EndpointState.ENABLED and endpoint.deleted_at is None
    if is_on and rules.is_to_be_disabled(health, report.posted.answer, report.ended_at):
        is_gone = report.posted.answer is WebhookAnswer.GONE
        await _disable(session, endpoint, DisabledReason.GONE if is_gone else DisabledReason.FAILING, report.ended_at)


async def _disable(session: AsyncSession, endpoint: WebhookEndpoint, reason: DisabledReason, at: datetime) -> None:
    endpoint.state, endpoint.disabled_reason = EndpointState.DISABLED, reason
    endpoint.version, endpoint.updated_at = endpoint.version + 1, at
    told = WebhookDisabled(
        webhook_id=endpoint.id,
        employer_id=endpoint.employer_id,
        host=urlsplit(endpoint.url).hostname or "",
        reason="gone" if reason is DisabledReason.GONE else "failing",
        disabled_at=at,
    )
    contact = Contact(name=endpoint.contact_name, email=endpoint.contact_email)
    await outbox.record(session, told, now=at, sealed={Service.NOTIFICATIONS: contact})


def _health_of(endpoint: WebhookEndpoint) -> Health:
    return Health(endpoint.failures, endpoint.failing_since, endpoint.held_until)


async def recover_lost(session: AsyncSession, *, now: datetime) -> int:
    """Give back what a worker took and never reported on. Returns how many."""
    lost = await session.scalars(
        select(WebhookDelivery)
        .where(IS_SENDING, WebhookDelivery.leased_until < func.clock_timestamp())
        .with_for_update(skip_locked=True)
    )
    found = lost.all()
    for each in found:
        _note(
            session, each, Report(each.id, each.attempts, Posted(WebhookAnswer.LOST), each.started_at or now, now, 0.0)
        )
    await session.flush()
    return len(found)
