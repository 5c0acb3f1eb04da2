"""A document comes, goes, and is handed out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.queries import ApplicationNotFound
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.documents import queries, rules
from services.ats.files.desk import DocumentDesk
from services.ats.files.kinds import DocumentKind
from services.ats.files.models import Document
from services.ats.files.quota import kept_of, refuse_over_quota, wait_turn
from services.ats.files.storage import ContentMissing, ContentStore, StoreAway
from services.ats.jobs.queries import JobNotFound
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import watch_vacancy
from shared.database import enter
from shared.errors import DomainError, Invalid
from shared.principals import Principal, PrincipalKind
from shared.tenancy import REGION
from shared.vocabulary import VacancyState


class NothingKept(DomainError):
    code = "documents_not_kept"
    status = 503
    title = "This installation keeps no documents"


class OwnerMissing(Invalid):
    code = "owner_missing"
    title = "A document is for an application, or ahead of one for a job"


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that was read and examined. `copy` is the content without what it says of who made it."""

    name: str
    kind: DocumentKind
    content: bytes
    copy: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Fetched:
    name: str
    kind: DocumentKind
    content: bytes


def store_of(desk: DocumentDesk) -> ContentStore:
    """Raises NothingKept."""
    if desk.store is None:
        raise NothingKept(next_step="Tell whoever runs it: DOCUMENTS_URL says where documents are kept.")
    return desk.store


async def send_document(
    session: AsyncSession,
    desk: DocumentDesk,
    received: Received,
    application_id: UUID,
    *,
    caller: Principal,
    now: datetime,
) -> Document:
    """Take a document for an application, by its candidate or the system that sent it; the same again is the first.

    Raises ApplicationNotFound, ApplicationOver, QuotaReached, NothingKept, StoreAway.
    """
    application = await application_queries.get_application(session, application_id)
    if caller.kind is PrincipalKind.CLIENT and application.source_client_id != caller.id:
        raise ApplicationNotFound
    rules.refuse_ended(application)
    await wait_turn(session, application.person_key)
    known = await queries.find_same(session, application.id, received.sha256)
    if known is not None:
        return known
    await _refuse_over_quota(session, application, received, caller)
    await reach_employer(session, application.id, caller)
    document = await put_away(desk, received, application, caller=caller, now=now)
    document.application_id, document.person_key = application.id, application.person_key
    session.add(document)
    await session.flush()
    note(session, document, "document_sent", caller=caller, at=now)
    return document


async def send_ahead(
    session: AsyncSession, desk: DocumentDesk, received: Received, job_id: UUID, *, caller: Principal, now: datetime
) -> Document:
    """Take a document for an application that a board is about to send. Raises JobNotFound, JobClosed,
    ManagedElsewhere, NothingKept, StoreAway.
    """
    vacancy = await watch_vacancy(session, job_id)
    if vacancy is None or vacancy.published_at is None:
        raise JobNotFound
    application_rules.refuse_elsewhere(vacancy)
    application_rules.refuse_late(vacancy.closes_at if vacancy.state is VacancyState.LIVE else None, now)
    document = await put_away(desk, received, vacancy, caller=caller, now=now)
    session.add(document)
    await session.flush()
    note(session, document, "document_sent", caller=caller, at=now)
    return document


async def remove_document(session: AsyncSession, document_id: UUID, *, caller: Principal, now: datetime) -> None:
    """Its content is deleted within a day. Raises DocumentNotFound, ApplicationOver, DocumentIsAnswer."""
    document = await queries.get_own(session, document_id, caller, lock=True)
    if document.application_id is not None:
        application = await application_queries.get_application(session, document.application_id)
        rules.refuse_ended(application)
        if rules.is_answer(application, document):
            raise rules.DocumentIsAnswer(next_step="Send another beside it; the answer stays as it was given.")
        await reach_employer(session, application.id, caller)
    note(session, document, "document_removed", caller=caller, at=now)
    await session.delete(document)


async def fetch_own(session: AsyncSession, desk: DocumentDesk, document_id: UUID, *, caller: Principal) -> Fetched:
    """As it was sent. Raises DocumentNotFound, DocumentNotScanned, DocumentMalicious, NothingKept, StoreAway."""
    document = await queries.get_own(session, document_id, caller)
    rules.refuse_quarantined(document, lets_unscanned_out=desk.lets_unscanned_out)
    return Fetched(document.file_name, document.kind, await _content(desk, document, document.storage_key))


async def fetch_for_decision(
    session: AsyncSession, desk: DocumentDesk, document: Document, *, caller: Principal, now: datetime
) -> Fetched:
    """For who decides: never before the shortlist, and of an anonymised application the copy under a neutral name.

    Raises CandidateHidden, DocumentNotScanned, DocumentMalicious, NothingKept, StoreAway.
    """
    if document.application_id is None:
        raise rules.DocumentNotFound
    application = await application_queries.get_application(session, document.application_id)
    rules.refuse_hidden(application)
    rules.refuse_quarantined(document, lets_unscanned_out=desk.lets_unscanned_out)
    beside = await queries.documents_of(session, application.id)
    number = [each.id for each in beside].index(document.id) + 1
    key = document.storage_key
    if application.is_anonymised and document.copy_key is not None:
        key = document.copy_key
    content = await _content(desk, document, key)
    note(session, document, "document_read", caller=caller, at=now)
    return Fetched(rules.shown_name(document, application, number), document.kind, content)


def note(session: AsyncSession, document: Document, action: str, *, caller: Principal, at: datetime) -> None:
    subject = Subject("document", document.id, document.employer_id)
    write_audit(session, action, subject, actor=Actor.of(caller), at=at)


async def _refuse_over_quota(
    session: AsyncSession, application: Application, received: Received, caller: Principal
) -> None:
    """It counts what a person sent to every employer: the transaction reaches the region for the count alone."""
    await enter(session, REGION)
    kept = await kept_of(session, application.person_key)
    await enter(session, caller.tenancy)
    refuse_over_quota(kept.with_more(1, len(received.content)))


async def put_away(
    desk: DocumentDesk, received: Received, owner: Application | Vacancy, *, caller: Principal, now: datetime
) -> Document:
    """A row for the content that it puts into the store; what no row comes to name is swept from there."""
    store = store_of(desk)
    actor = Actor.of(caller)
    needs_copy = owner.is_anonymised and received.copy != received.content
    return Document(
        employer_id=owner.employer_id,
        vacancy_id=owner.vacancy_id if isinstance(owner, Application) else owner.id,
        file_name=rules.safe_name(received.name, received.kind),
        kind=received.kind,
        size_bytes=len(received.content),
        sha256=received.sha256,
        storage_key=await store.put(received.content),
        copy_key=await store.put(received.copy) if needs_copy else None,
        uploaded_at=now,
        uploaded_by_kind=actor.kind,
        uploaded_by=actor.id,
    )


async def _content(desk: DocumentDesk, document: Document, key: str) -> bytes:
    """Raises StoreAway, also where what lies there is not what was sent."""
    try:
        content = await store_of(desk).get(key)
    except ContentMissing:
        raise StoreAway from None
    if key == document.storage_key and hashlib.sha256(content).hexdigest() != document.sha256:
        raise StoreAway
    return content
