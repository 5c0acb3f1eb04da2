"""Endpoints: set up, changed, switched on and off, given a new secret, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks import rules, signing
from services.notifications.webhooks.event_types import BY_NAME
from services.notifications.webhooks.models import WebhookEndpoint
from services.notifications.webhooks.queries import get_own_webhook
from services.notifications.webhooks.schemas import EndpointChange, EndpointCreate
from services.notifications.webhooks.states import DisabledReason, EndpointState
from shared.errors import DomainError, Forbidden, Invalid
from shared.etag import refuse_stale
from shared.outward import Reach, check_address
from shared.principals import Principal, PrincipalKind
from shared.registry import EmployerUnknown, get_employer_by_code

log = structlog.get_logger()

MOST_ENDPOINTS = 20


class EventTypeUnknown(Invalid):
    code: ClassVar[str] = "event_type_unknown"
    title: ClassVar[str] = "There is no such type of event"


class EventTypeNotYours(Forbidden):
    code: ClassVar[str] = "event_type_not_yours"
    title: ClassVar[str] = "What this event tells is not among what you may read"


class EmployerWanted(Invalid):
    code: ClassVar[str] = "employer_wanted"
    title: ClassVar[str] = "Say whose news is to be sent"


class TooManyWebhooks(DomainError):
    code: ClassVar[str] = "too_many_webhooks"
    title: ClassVar[str] = f"A system has at most {MOST_ENDPOINTS} endpoints for an employer"


class WebhookNotVerified(DomainError):
    code: ClassVar[str] = "webhook_not_verified"
    title: ClassVar[str] = "The endpoint has not yet shown that it is yours"


class WebhookMoved(DomainError):
    code: ClassVar[str] = "webhook_moved"
    title: ClassVar[str] = "The endpoint's address was changed meanwhile"


async def create_webhook(
    session: AsyncSession, wanted: EndpointCreate, *, caller: Principal, reach: Reach, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret. Nothing is sent to it until it is verified.

    Raises EmployerUnknown, EmployerWanted, EventTypeUnknown, EventTypeNotYours, AddressRefused, TooManyWebhooks.
    """
    employer_id = await _employer(session, wanted.employer, caller)
    check_address(wanted.url, reach)
    _check_types(wanted.event_types, caller, is_board=employer_id is None)
    client_id = caller.id if caller.kind is PrincipalKind.CLIENT else None
    await _refuse_too_many(session, employer_id, client_id)
    secret = signing.new_secret()
    endpoint = WebhookEndpoint(
        employer_id=employer_id,
        client_id=client_id,
        url=wanted.url,
        event_types=_in_order(wanted.event_types),
        contact_name=wanted.contact.name,
        contact_email=wanted.contact.email,
        sealed_secret="",
        created_at=now,
        updated_at=now,
    )
    endpoint.sealed_secret = signing.seal(secret, endpoint.id)
    session.add(endpoint)
    await session.flush()
    log.info("webhook_created", webhook_id=str(endpoint.id))
    return endpoint, secret


async def change_webhook(
    session: AsyncSession,
    webhook_id: UUID,
    wanted: EndpointChange,
    *,
    caller: Principal,
    expected: int | None,
    reach: Reach,
    now: datetime,
) -> WebhookEndpoint:
    """Another address has to be verified before anything goes there; what waits is sent there then.

    Raises WebhookNotFound, WebhookOfAnother, StaleVersion, EventTypeUnknown, EventTypeNotYours, AddressRefused.
    """
    endpoint = await get_own_webhook(session, webhook_id, caller)
    refuse_stale(expected, endpoint.version)
    check_address(wanted.url, reach)
    added = set(wanted.event_types) - set(endpoint.event_types)
    _check_types(sorted(added), caller, is_board=endpoint.employer_id is None)
    if wanted.url != endpoint.url:
        endpoint.state, endpoint.disabled_reason, endpoint.verified_at = EndpointState.UNVERIFIED, None, None
        _make_well(endpoint)
    endpoint.url, endpoint.event_types = wanted.url, _in_order(wanted.event_types)
    endpoint.contact_name, endpoint.contact_email = wanted.contact.name, wanted.contact.email
    _touch(endpoint, now)
    return endpoint


async def rotate_secret(
    session: AsyncSession, webhook_id: UUID, *, caller: Principal, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """A new secret. For a day messages are signed with both, so that no receiver has to change at an instant.

    Raises WebhookNotFound, WebhookOfAnother.
    """
    endpoint = await get_own_webhook(session, webhook_id, caller)
    secret = signing.new_secret()
    endpoint.sealed_previous_secret, endpoint.previous_until = endpoint.sealed_secret, now + rules.OVERLAP
    endpoint.sealed_secret = signing.seal(secret, endpoint.id)
    _touch(endpoint, now)
    log.info("webhook_secret_rotated", webhook_id=str(endpoint.id))
    return endpoint, secret


async def enable_webhook(
    session: AsyncSession, webhook_id: UUID, *, caller: Principal, now: datetime
) -> WebhookEndpoint:
    """On again. What happened meanwhile is sent by a replay, not by itself.

    Raises WebhookNotFound, WebhookOfAnother, WebhookNotVerified.
    """
    endpoint = await get_own_webhook(session, webhook_id, caller)
    if endpoint.verified_at is None:
        raise WebhookNotVerified(next_step="Have the challenge sent: POST …/verify")
    endpoint.state, endpoint.disabled_reason = EndpointState.ENABLED, None
    _make_well(endpoint)
    _touch(endpoint, now)
    return endpoint


async def disable_webhook(
    session: AsyncSession, webhook_id: UUID, *, caller: Principal, now: datetime
) -> WebhookEndpoint:
    """Nothing is sent any more until it is on again. Raises WebhookNotFound, WebhookOfAnother, WebhookNotVerified."""
    endpoint = await get_own_webhook(session, webhook_id, caller)
    if endpoint.verified_at is None:
        raise WebhookNotVerified(next_step="Nothing is sent to it before it is verified")
    endpoint.state, endpoint.disabled_reason = EndpointState.DISABLED, DisabledReason.BY_OWNER
    _touch(endpoint, now)
    return endpoint


async def delete_webhook(session: AsyncSession, webhook_id: UUID, *, caller: Principal, now: datetime) -> None:
    """Its secrets and its contact go at once, its history with the retention of what was sent.

    Raises WebhookNotFound, WebhookOfAnother.
    """
    endpoint = await get_own_webhook(session, webhook_id, caller)
    endpoint.state, endpoint.deleted_at = EndpointState.DISABLED, now
    endpoint.sealed_secret, endpoint.sealed_previous_secret, endpoint.previous_until = "", None, None
    endpoint.contact_name = endpoint.contact_email = ""
    _touch(endpoint, now)
    log.info("webhook_deleted", webhook_id=str(endpoint.id))


def note_verified(endpoint: WebhookEndpoint, asked: WebhookEndpoint, *, now: datetime) -> None:
    """It sent the challenge back: from now on it is told. Raises WebhookMoved where that was another address."""
    if endpoint.url != asked.url:
        raise WebhookMoved(next_step="Send the challenge to the new one.")
    endpoint.state, endpoint.disabled_reason, endpoint.verified_at = EndpointState.ENABLED, None, now
    _make_well(endpoint)
    _touch(endpoint, now)


async def _employer(session: AsyncSession, code: str | None, caller: Principal) -> UUID | None:
    """None for a board: a system of the whole region that names nobody."""
    if code is None:
        if not caller.is_region:
            raise EmployerWanted(field="employer", next_step="Name one of the employers that you serve.")
        return None
    employer = await get_employer_by_code(session, code)
    if not caller.may_act_for(employer.id):
        raise EmployerUnknown(field="employer")
    return employer.id


def _check_types(names: Sequence[str], caller: Principal, *, is_board: bool) -> None:
    for number, name in enumerate(names):
        field = f"event_types.{number}"
        event_type = BY_NAME.get(name)
        if event_type is None:
            raise EventTypeUnknown(field=field, next_step="Look at GET /v1/webhooks/event-types.")
        if event_type.scope is not None and is_board:
            raise EmployerWanted(field="employer", next_step=f"{name} is not public: name whose it is to be.")
        if event_type.scope is not None and event_type.scope not in caller.scopes:
            raise EventTypeNotYours(
                field=field,
                next_step=f"Ask the council's administrator for the scope {event_type.scope}.",
                needed=event_type.scope,
            )


def _in_order(names: Sequence[str]) -> list[str]:
    return [name for name in BY_NAME if name in names]


async def _refuse_too_many(session: AsyncSession, employer_id: UUID | None, client_id: UUID | None) -> None:
    query = select(func.count()).where(
        WebhookEndpoint.deleted_at.is_(None),
        WebhookEndpoint.employer_id.is_not_distinct_from(employer_id),
        WebhookEndpoint.client_id.is_not_distinct_from(client_id),
    )
    if (await session.scalar(query) or 0) >= MOST_ENDPOINTS:
        raise TooManyWebhooks(next_step="Delete one that you no longer need.")


def _make_well(endpoint: WebhookEndpoint) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.held_until = 0, None, None


def _touch(endpoint: WebhookEndpoint, now: datetime) -> None:
    endpoint.version, endpoint.updated_at = endpoint.version + 1, now
