"""Staff, clients and browsers for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import commands
from services.ats.identity.commands import NewClient, NewStaff
from services.ats.identity.models import ApiClient
from shared import outbox, sealing
from shared.database import transaction
from shared.events.ats import RoleGrant, SigningKeyPublished, StaffChanged, StaffContact
from shared.events.base import ContactWithLink, Sealed
from shared.reference.employers import employer_id
from shared.registry import (
    StaffMember,
    apply_signing_key_published,
    apply_staff_changed,
    as_staff_member,
    staff,
    verification_keys,
)
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service

PASSWORD = "three random words"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def grant(role: Role, code: str | None = None) -> RoleGrant:
    return RoleGrant(role=role, employer_id=employer_id(code) if code else None)


@cache
def password_hash() -> str:
    """The hash says how much work it takes: as little as may be, for a test."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def make_staff(
    session: AsyncSession,
    *grants: RoleGrant,
    email: str = "amy.pond@saw.example",
    name: str = "Amy Pond",
    staff_id: UUID | None = None,
) -> StaffMember:
    """An account in ats with `PASSWORD`."""
    new = NewStaff(name, email, grants, password_hash(), staff_id)
    return await commands.create_staff(session, new, now=NOW)


async def make_client(
    session: AsyncSession, *scopes: Scope, employers: Iterable[str] = (), is_region: bool = False
) -> tuple[ApiClient, str]:
    employer_ids = tuple(employer_id(code) for code in employers)
    return await commands.create_api_client(session, NewClient("HR system", scopes, employer_ids, is_region), now=NOW)


async def tell_registry(world: Any, *services: Service) -> None:
    """What the events would have carried from ats by now: its staff and its keys."""
    async with transaction(world.sessions[Service.ATS], REGION) as session:
        people = [as_staff_member(row) for row in await session.execute(select(staff))]
        keys = (await session.execute(select(verification_keys))).all()
    for service in services or (Service.CLEARING, Service.NOTIFICATIONS):
        async with transaction(world.sessions[service], REGION) as session:
            for person in people:
                assert person is not None
                event = StaffChanged(
                    staff_id=person.id, version=person.version, is_active=person.is_active, grants=person.grants
                )
                await apply_staff_changed(session, event, StaffContact(name=person.name, email=person.email))
            for key in keys:
                published = SigningKeyPublished(
                    key_id=UUID(int=0), kid=key.kid, public_key_pem=key.public_key_pem, usable_from=key.usable_from
                )
                await apply_signing_key_published(session, published)


def field(page: httpx.Response, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, f"no field {name} in a page of status {page.status_code}"
    return found[1]


async def sign_in(ats: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    page = await ats.get("/sign-in")
    data = {"email": email, "password": password, "csrf_token": field(page, "csrf_token")}
    return await ats.post("/sign-in", data=data)


async def mailed(session: AsyncSession, event_name: str, shape: type[Sealed] = ContactWithLink) -> list[Any]:
    """What was sealed for the messages of these events, oldest first."""
    query = (
        select(outbox.outbox.c.sealed, outbox.events.c.id)
        .join(outbox.events, outbox.events.c.id == outbox.outbox.c.event_id)
        .where(outbox.events.c.name == event_name, outbox.outbox.c.subscriber == Service.NOTIFICATIONS)
        .order_by(outbox.events.c.seq)
    )
    rows = (await session.execute(query)).all()
    return [
        sealing.keyring().open(row.sealed, shape, subscriber=Service.NOTIFICATIONS, event_id=row.id) for row in rows
    ]


def local(url: str) -> str:
    """The path of a link in a mail."""
    return urlsplit(url).path


async def csrf_of(client: httpx.AsyncClient, path: str = "/sign-out") -> str:
    """The token that a page of a signed-in browser carries."""
    return field(await client.get(path), "csrf_token")
