from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.persons.models import PersonLink


async def follow_key(session: AsyncSession, old: str, new: str, *, left_at: Collection[UUID]) -> int:
    """A person's address was put right: what was decided of them follows to its key, and how many decisions did.

    `left_at`: employers where an application stays under the old key, and the decisions with it. Two addresses that
    have become one need no decision any more, and of two decisions about the same pair the older stays.
    """
    named = or_(PersonLink.first_key == old, PersonLink.second_key == old)
    query = select(PersonLink).where(named, PersonLink.employer_id.not_in(left_at))
    moved = 0
    for link in await session.scalars(query.order_by(PersonLink.decided_at, PersonLink.id).with_for_update()):
        sides = [(link.first_key, link.first_application_id), (link.second_key, link.second_application_id)]
        sides = sorted((new if key == old else key, application_id) for key, application_id in sides)
        keys = [key for key, _ in sides]
        if keys[0] == keys[1] or (link.undone_at is None and await _is_decided(session, link, keys)):
            await session.delete(link)
        else:
            (link.first_key, link.first_application_id), (link.second_key, link.second_application_id) = sides
            moved += 1
        await session.flush()
    return moved


async def _is_decided(session: AsyncSession, link: PersonLink, keys: list[str]) -> bool:
    found = select(PersonLink.id).where(
        PersonLink.employer_id == link.employer_id,
        PersonLink.first_key == keys[0],
        PersonLink.second_key == keys[1],
        PersonLink.undone_at.is_(None),
        PersonLink.id != link.id,
    )
    return await session.scalar(found.limit(1)) is not None
