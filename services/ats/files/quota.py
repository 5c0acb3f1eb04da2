"""How much one person may have kept, with all employers together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.files.kinds import MEGABYTE
from services.ats.files.models import Document, DocumentState
from services.ats.persons.queries import is_of_person
from shared.errors import DomainError

MOST_OF_A_PERSON = 30
MOST_BYTES_OF_A_PERSON = 100 * MEGABYTE


class QuotaReached(DomainError):
    code = "document_quota_reached"
    title = f"A person has at most {MOST_OF_A_PERSON} documents, of {MOST_BYTES_OF_A_PERSON // MEGABYTE} MB together"


@dataclass(frozen=True, slots=True)
class Kept:
    count: int
    size_bytes: int

    def with_more(self, count: int, size_bytes: int) -> Kept:
        return Kept(self.count + count, self.size_bytes + size_bytes)


def refuse_over_quota(kept: Kept) -> None:
    """Raises QuotaReached."""
    if kept.count > MOST_OF_A_PERSON or kept.size_bytes > MOST_BYTES_OF_A_PERSON:
        raise QuotaReached(next_step="Remove a document that is not needed any more.")


async def wait_turn(session: AsyncSession, person_key: str) -> None:
    """One upload of a person at a time, so that many at once do not go past what one is allowed."""
    lock = int.from_bytes(hashlib.sha256(person_key.encode()).digest()[:8], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))


async def kept_of(session: AsyncSession, person_key: str) -> Kept:
    """What a person has, under each address that is known to be theirs, as far as the session reaches."""
    query = select(func.count(), func.coalesce(func.sum(Document.size_bytes), 0)).where(
        is_of_person(person_key, Document.employer_id, Document.person_key), Document.state != DocumentState.MALICIOUS
    )
    count, size_bytes = (await session.execute(query)).one()
    return Kept(count, size_bytes)
