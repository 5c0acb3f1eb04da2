"""Documents that were sent ahead become an application's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.files.models import Document, DocumentState
from services.ats.files.quota import kept_of, refuse_over_quota, wait_turn


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent the documents ahead, or the draft that they were sent for."""

    id: UUID | None
    draft_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    application_id: UUID
    vacancy_id: UUID
    person_key: str


async def claim(session: AsyncSession, ids: Sequence[UUID], owner: Owner, *, sender: Sender) -> set[UUID]:
    """Those of them that the sender sent ahead for this vacancy, that nobody has claimed and that are not harmful.

    Of a draft those that it has, whoever sent them: its person by their link, or the system that began it.

    The quota counts what the sender's own reach shows: a board's is the region. Raises QuotaReached.
    """
    await wait_turn(session, owner.person_key)
    query = select(Document).where(
        Document.id.in_(ids),
        Document.application_id.is_(None),
        Document.vacancy_id == owner.vacancy_id,
        Document.draft_id.is_not_distinct_from(sender.draft_id),
        Document.state != DocumentState.MALICIOUS,
    )
    if sender.draft_id is None:
        query = query.where(Document.uploaded_by == sender.id)
    found = (await session.scalars(query.order_by(Document.id).with_for_update())).all()
    kept = await kept_of(session, owner.person_key)
    refuse_over_quota(kept.with_more(len(found), sum(each.size_bytes for each in found)))
    for each in found:
        each.application_id, each.draft_id, each.person_key = owner.application_id, None, owner.person_key
    return {each.id for each in found}
