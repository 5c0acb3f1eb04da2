"""Documents of a draft: sent for it, named in its answers, gone with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.rules import refuse_late
from services.ats.applications.submission import last_instant
from services.ats.documents.commands import Received, note, put_away
from services.ats.documents.rules import DocumentNotFound
from services.ats.drafts import rules
from services.ats.drafts.models import ApplicationDraft
from services.ats.drafts.queries import documents_of_draft, reach_of
from services.ats.files.desk import DocumentDesk
from services.ats.files.models import Document
from services.ats.files.quota import Kept, kept_of, refuse_over_quota
from services.ats.jobs.queries import JobNotFound
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.queries import watch_vacancy
from shared.database import enter
from shared.principals import Principal, PrincipalKind
from shared.tenancy import REGION


async def send_for_draft(
    session: AsyncSession,
    desk: DocumentDesk,
    received: Received,
    draft: ApplicationDraft,
    *,
    caller: Principal,
    now: datetime,
) -> Document:
    """Take a document for a draft that can still be sent. `draft` is locked.

    A draft has at most what a person may have: anybody may begin one in another's name, so it does not count as theirs
    before it is sent. Raises DraftSent, JobNotFound, JobClosed, QuotaReached, NothingKept, StoreAway.
    """
    rules.refuse_sent(draft)
    vacancy = await watch_vacancy(session, draft.vacancy_id)
    if vacancy is None:
        raise JobNotFound
    refuse_late(await last_instant(session, vacancy, draft.begun_at), now)
    there = await documents_of_draft(session, draft.id)
    kept = Kept(len(there), sum(each.size_bytes for each in there))
    refuse_over_quota(kept.with_more(1, len(received.content)))
    document = await put_away(desk, received, vacancy, caller=caller, now=now)
    document.draft_id = draft.id
    session.add(document)
    await session.flush()
    note(session, document, "document_sent", caller=caller, at=now)
    return document


async def adopt_documents(
    session: AsyncSession, draft: ApplicationDraft, form: ApplicationForm, *, caller: Principal
) -> None:
    """What a system sent ahead and names in a draft of its own is the draft's from now on."""
    if caller.kind is not PrincipalKind.CLIENT:
        return
    named = {UUID(each) for each in rules.documents_named(form, draft.typed).values() if rules.is_document_id(each)}
    if named:
        theirs = (Document.uploaded_by == caller.id) & (Document.vacancy_id == draft.vacancy_id)
        free = Document.application_id.is_(None) & Document.draft_id.is_(None)
        await session.execute(update(Document).where(Document.id.in_(named), theirs, free).values(draft_id=draft.id))


async def remove_from_draft(
    session: AsyncSession,
    draft: ApplicationDraft,
    ids: Collection[UUID],
    *,
    caller: Principal,
    now: datetime,
) -> None:
    """Their contents are deleted within a day. Raises DraftSent, DocumentNotFound where one is not the draft's."""
    rules.refuse_sent(draft)
    found = {each.id: each for each in await documents_of_draft(session, draft.id)}
    for each in ids:
        if each not in found:
            raise DocumentNotFound
        note(session, found[each], "document_removed", caller=caller, at=now)
        await session.delete(found[each])


async def refuse_too_many_documents(
    session: AsyncSession, draft: ApplicationDraft, named: Sequence[str], caller: Principal
) -> None:
    """Counts what the person sent to every employer: the transaction reaches the region for the count alone.

    Raises QuotaReached.
    """
    if not named:
        return
    more = [each for each in await documents_of_draft(session, draft.id) if str(each.id) in named]
    await enter(session, REGION)
    kept = await kept_of(session, draft.person_key)
    await enter(session, reach_of(draft, caller))
    refuse_over_quota(kept.with_more(len(more), sum(each.size_bytes for each in more)))


async def drop_unnamed(session: AsyncSession, draft: ApplicationDraft, *, caller: Principal, now: datetime) -> None:
    """Of a draft that is sent: what answers nothing would otherwise stay with nobody to ask for it."""
    for each in await documents_of_draft(session, draft.id):
        note(session, each, "document_removed", caller=caller, at=now)
        await session.delete(each)


def left_out(
    form: ApplicationForm, before: Mapping[str, Any], after: Mapping[str, Any], there: Sequence[Document]
) -> list[UUID]:
    """The draft's documents that answered a question before and answer none now."""
    gone = set(rules.documents_named(form, before).values()) - set(rules.documents_named(form, after).values())
    return [each.id for each in there if str(each.id) in gone]
