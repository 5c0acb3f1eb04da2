"""Who is there: staff and API clients, as far as the caller may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity.models import ApiClient, StaffCredential
from shared.errors import NotFound
from shared.principals import Principal
from shared.registry import StaffMember, StaffUnknown, find_staff, verification_keys
from shared.tokens import ACCESS_TOKEN_LIFE, LEEWAY


class ClientUnknown(NotFound):
    code = "api_client_not_known"
    title = "There is no such API client here for you"


async def get_visible_staff(session: AsyncSession, staff_id: UUID, *, caller: Principal) -> StaffMember:
    """Somebody of an employer that the caller administers. Raises StaffUnknown.

    For region sessions, which see everybody: the caller's reach is asked here instead of by row-level security.
    """
    person = await find_staff(session, staff_id)
    if person is None or not _is_visible(caller, (grant.employer_id for grant in person.grants)):
        raise StaffUnknown
    return person


async def get_client(session: AsyncSession, client_id: UUID, *, caller: Principal, lock: bool = False) -> ApiClient:
    """Raises ClientUnknown, for a client of other employers too."""
    query: Select[ApiClient] = select(ApiClient).where(ApiClient.id == client_id)
    client = await session.scalar(query.with_for_update() if lock else query)
    if client is None or not _is_visible(caller, client.employer_ids):
        raise ClientUnknown
    return client


async def find_link_address(session: AsyncSession, client_id: UUID | None) -> str | None:
    """Where this board's candidates open their links; None where that is here."""
    return await session.scalar(select(ApiClient.link_address).where(ApiClient.id == client_id))


def clients_of(caller: Principal) -> Select[ApiClient]:
    """The clients that serve an employer of the caller's, all of them for the region."""
    query = select(ApiClient)
    return query if caller.is_region else query.where(ApiClient.employer_ids.overlap(sorted(caller.employer_ids)))


async def find_credential(session: AsyncSession, login: str) -> StaffCredential | None:
    return await session.scalar(select(StaffCredential).where(StaffCredential.login == login))


async def published_keys(session: AsyncSession) -> Sequence[tuple[str, str]]:
    """The public keys (kid and PEM) that a live token may be signed with, and the one that takes over next."""
    dead = func.clock_timestamp() - (ACCESS_TOKEN_LIFE + 2 * LEEWAY)
    query = select(verification_keys.c.kid, verification_keys.c.public_key_pem).where(
        verification_keys.c.retired_at.is_(None) | (verification_keys.c.retired_at > dead)
    )
    rows = await session.execute(query.order_by(verification_keys.c.usable_from))
    return [(row.kid, row.public_key_pem) for row in rows]


def _is_visible(caller: Principal, employer_ids: Iterable[UUID | None]) -> bool:
    return caller.is_region or any(each in caller.employer_ids for each in employer_ids)
