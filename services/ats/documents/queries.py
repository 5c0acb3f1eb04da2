from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.documents.rules import DocumentNotFound
from services.ats.files.models import Document, DocumentState
from shared.principals import Principal, PrincipalKind

MOST_LISTED = 200


async def documents_of(session: AsyncSession, application_id: UUID) -> Sequence[Document]:
    """In the order of their coming, which numbers them."""
    query = select(Document).where(Document.application_id == application_id)
    return (await session.scalars(query.order_by(Document.stored_at, Document.id))).all()


async def get_document(session: AsyncSession, document_id: UUID) -> Document:
    """Raises DocumentNotFound."""
    found = await session.get(Document, document_id)
    if found is None:
        raise DocumentNotFound
    return found


async def get_document_of(session: AsyncSession, application_id: UUID, document_id: UUID) -> Document:
    """Raises DocumentNotFound, for one of another application too."""
    found = await get_document(session, document_id)
    if found.application_id != application_id:
        raise DocumentNotFound
    return found


async def get_own(session: AsyncSession, document_id: UUID, caller: Principal, *, lock: bool = False) -> Document:
    """Of the candidate behind the link, or of the system that sent it. Raises DocumentNotFound."""
    query = _own(caller).where(Document.id == document_id)
    found = await session.scalar(query.with_for_update(of=Document) if lock else query)
    if found is None:
        raise DocumentNotFound
    return found


async def own_documents(session: AsyncSession, caller: Principal, application_id: UUID | None) -> Sequence[Document]:
    """A person by link has one application; a system without one asks for what it sent ahead."""
    query = _own(caller)
    if caller.kind is not PrincipalKind.LINK:
        query = query.where(Document.application_id.is_not_distinct_from(application_id))
    return (await session.scalars(query.order_by(Document.stored_at, Document.id).limit(MOST_LISTED))).all()


async def find_same(session: AsyncSession, application_id: UUID, sha256: str) -> Document | None:
    """The same content, sent for the same application before."""
    query = select(Document).where(Document.application_id == application_id, Document.sha256 == sha256)
    return await session.scalar(query.where(Document.state != DocumentState.MALICIOUS).limit(1))


async def unclaimed_for(session: AsyncSession, age: timedelta) -> Sequence[UUID]:
    """What was sent ahead of an application that has not come for so long, by the database's clock, and of no draft."""
    old = Document.stored_at < func.clock_timestamp() - age
    query = select(Document.id).where(Document.application_id.is_(None), Document.draft_id.is_(None), old)
    return (await session.scalars(query.limit(500))).all()


async def known_keys(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Those of these names that a document which is kept still has."""
    found: set[str] = set()
    for column in (Document.storage_key, Document.copy_key):
        query = select(column).where(column.in_(keys), Document.state != DocumentState.MALICIOUS)
        found |= {each for each in await session.scalars(query) if each is not None}
    return found


def _own(caller: Principal) -> Select[Document]:
    """A person by link has their application's; a system what it sent, and what came for an application of its own."""
    query = select(Document)
    if caller.kind is PrincipalKind.LINK:
        return query.where(Document.application_id == caller.subject_id)
    sent = select(Application.id).where(Application.source_client_id == caller.id)
    return query.where((Document.uploaded_by == caller.id) | Document.application_id.in_(sent))
