"""Scans what waits, one document at a time, beside a worker's other doings; purges what is harmful or nobody's.

A document is claimed for a while by the database's clock, scanned outside any transaction, and let go with what was
found. A worker that dies, or a scanner that gives no verdict, leaves it in quarantine and due again.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.applications.telling import tell_with_link
from services.ats.audit.actor import SYSTEM
from services.ats.audit.commands import Subject, write_audit
from services.ats.documents import queries
from services.ats.files.desk import DocumentDesk, open_desk
from services.ats.files.models import Document, DocumentState
from services.ats.files.scanning import Scanner, ScannerAway
from services.ats.files.storage import ContentMissing, ContentStore, StoreAway
from services.ats.vacancies.queries import get_vacancy
from shared.database import Sessions, transaction
from shared.events.applications import DocumentRefused
from shared.tenancy import REGION
from shared.worker import WorkerContext

log = structlog.get_logger()

SCANS = Counter("document_scans_total", "Documents scanned, by what came of it", ["state"])
AT_ONCE = 2
GLANCE_SECONDS = 2.0
# Longer than the longest scan: nobody else takes it meanwhile.
LEASE = timedelta(minutes=3)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 900.0
SWEEP_SECONDS = 6 * 3600.0
# An upload that is not committed yet has its content in the store already.
NOBODYS_AFTER = timedelta(days=1)
AHEAD_FOR = timedelta(days=2)


async def guard_documents(context: WorkerContext) -> None:
    """A worker's background task: until cancelled. Several workers share the documents between them."""
    desk = open_desk(context.settings)
    if desk.store is None:
        await asyncio.Event().wait()
        return
    async with asyncio.TaskGroup() as group:
        group.create_task(_sweep_on(context.sessions, desk.store))
        for _ in range(AT_ONCE):
            group.create_task(_scan_on(context, desk))


async def _scan_on(context: WorkerContext, desk: DocumentDesk) -> None:
    while True:
        if not await scan_next(context.sessions, desk, now=context.clock.now()):
            await asyncio.sleep(GLANCE_SECONDS)


async def _sweep_on(sessions: Sessions, store: ContentStore) -> None:
    while True:
        try:
            await sweep(sessions, store, older_than=NOBODYS_AFTER)
        except StoreAway:
            log.warning("document_store_away")
        await asyncio.sleep(SWEEP_SECONDS)


async def scan_next(sessions: Sessions, desk: DocumentDesk, *, now: datetime) -> bool:
    """Scan the document that is due longest. False when none is, or others have them."""
    document = await _claim(sessions)
    if document is None or desk.store is None:
        return False
    state, finding = await _look_at(document, desk.store, desk.scanner)
    SCANS.labels(state).inc()
    async with transaction(sessions, REGION) as session:
        await _settle(session, document.id, state, finding, now=now)
    if state is DocumentState.MALICIOUS:
        await _purge(desk.store, document)
    return True


async def _claim(sessions: Sessions) -> Document | None:
    due = select(Document).where(Document.next_scan_at <= func.clock_timestamp()).order_by(Document.next_scan_at)
    async with transaction(sessions, REGION) as session:
        document = await session.scalar(due.limit(1).with_for_update(skip_locked=True))
        if document is not None:
            document.attempts += 1
            document.next_scan_at = await session.scalar(select(func.clock_timestamp() + LEASE))
    return document


async def _look_at(
    document: Document, store: ContentStore, scanner: Scanner | None
) -> tuple[DocumentState, str | None]:
    if scanner is None:
        return DocumentState.UNAVAILABLE, None
    try:
        finding = await scanner.scan(await store.get(document.storage_key))
    except (ScannerAway, StoreAway, ContentMissing) as error:
        why = f"{type(error).__name__}: {error}" if isinstance(error, ScannerAway) else type(error).__name__
        log.warning("document_not_scanned", document_id=str(document.id), attempts=document.attempts, reason=why)
        return DocumentState.UNAVAILABLE, None
    return (DocumentState.CLEAN, None) if finding is None else (DocumentState.MALICIOUS, finding)


async def _settle(
    session: AsyncSession, document_id: UUID, state: DocumentState, finding: str | None, *, now: datetime
) -> None:
    """What another worker has settled meanwhile, or its sender removed, stays so."""
    document = await session.get(Document, document_id, with_for_update=True)
    if document is None or document.next_scan_at is None:
        return
    document.state = state
    if state is DocumentState.UNAVAILABLE:
        document.next_scan_at = await session.scalar(select(func.clock_timestamp() + pause_after(document.attempts)))
        return
    document.next_scan_at, document.scanned_at = None, now
    if state is DocumentState.MALICIOUS:
        document.finding = finding
        log.warning("document_malicious", document_id=str(document.id))
        subject = Subject("document", document.id, document.employer_id)
        write_audit(session, "document_refused", subject, actor=SYSTEM, at=now, reason=state)
        await _tell(session, document, now=now)


async def _tell(session: AsyncSession, document: Document, *, now: datetime) -> None:
    """Who sent one ahead of an application sees its state instead."""
    if document.application_id is None:
        return
    application = await get_application(session, document.application_id)
    vacancy = await get_vacancy(session, application.vacancy_id)
    refused = DocumentRefused(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        document_id=document.id,
        vacancy_title=vacancy.title,
    )
    await tell_with_link(session, application, refused, now=now)


async def _purge(store: ContentStore, document: Document) -> None:
    """What cannot be deleted now, the sweep deletes."""
    for key in filter(None, (document.storage_key, document.copy_key)):
        try:
            await store.delete(key)
        except StoreAway:
            log.warning("document_not_purged", document_id=str(document.id))


def pause_after(attempts: int) -> timedelta:
    return timedelta(seconds=min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 20)))


async def sweep(sessions: Sessions, store: ContentStore, *, older_than: timedelta) -> int:
    """Forget what was sent ahead of an application that never came, and delete contents that no document names: of
    candidates who were erased, documents that were removed, uploads that broke off. Returns how many contents.
    """
    async with transaction(sessions, REGION) as session:
        unclaimed = await queries.unclaimed_for(session, AHEAD_FOR)
        is_nobodys = Document.application_id.is_(None) & Document.draft_id.is_(None)
        await session.execute(delete(Document).where(Document.id.in_(unclaimed), is_nobodys))
    deleted = 0
    async for keys in store.older_than(datetime.now(UTC) - older_than):
        async with transaction(sessions, REGION) as session:
            known = await queries.known_keys(session, keys)
        for key in keys:
            if key not in known:
                await store.delete(key)
                deleted += 1
    return deleted
