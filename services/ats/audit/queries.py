from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.models import TRAIL, AuditEntry
from services.ats.audit.schemas import AuditFilter
from shared.pagination import PageRequest, paginate


async def search_entries(
    session: AsyncSession, wanted: AuditFilter, page: PageRequest
) -> tuple[Sequence[AuditEntry], str | None]:
    """Newest first."""
    query = select(AuditEntry)
    for column, value in (
        (AuditEntry.subject_id, wanted.subject_id),
        (AuditEntry.actor_id, wanted.actor_id),
        (AuditEntry.employer_id, wanted.employer_id),
        (AuditEntry.action, wanted.action or None),
    ):
        if value is not None:
            query = query.where(column == value)
    return await paginate(session, query, page, order=(AuditEntry.id,), descending=True)


async def chains(session: AsyncSession) -> Sequence[Row]:
    """The head of each chain that the caller may see: `employer_id`, `seals`, `sealed_at`, `code`."""
    seals = TRAIL.seals
    newest = select(seals.c.employer_id, seals.c.number.label("seals"), seals.c.sealed_at, seals.c.code)
    query = newest.ext(distinct_on(seals.c.employer_id)).order_by(seals.c.employer_id, seals.c.number.desc())
    return (await session.execute(query)).all()
