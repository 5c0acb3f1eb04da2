from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import applications_of_person
from services.ats.applications.submission import last_instant
from services.ats.documents.schemas import OwnDocument
from services.ats.drafts.models import ApplicationDraft
from services.ats.drafts.rules import body_of, faults_in
from services.ats.drafts.schemas import DraftRead, FormerApplication, MissingPart
from services.ats.files.models import Document
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.queries import JobNotFound
from services.ats.vacancies.announcing import as_published
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import find_vacancy
from shared.database import enter
from shared.errors import NotFound
from shared.principals import Principal
from shared.tenancy import REGION, Tenancy

LINKS_AT_ONCE = 10
"""So that one question cannot fill somebody's mailbox."""


class DraftNotFound(NotFound):
    code = "draft_not_found"
    title = "There is no such draft here for you"


async def own_draft(
    session: AsyncSession, draft_id: UUID | None, caller: Principal, *, lock: bool = False
) -> ApplicationDraft:
    """A draft of the person who came by its link, or of the system that sent it. Raises DraftNotFound for any other.

    Row-level security has shown it before the transaction reaches the employer whose vacancy it is for.
    """
    await enter(session, Tenancy(subject_id=caller.id))
    query = select(ApplicationDraft).where(ApplicationDraft.id == draft_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    draft = await session.scalar(query)
    if draft is None:
        raise DraftNotFound
    await enter(session, reach_of(draft, caller))
    return draft


def reach_of(draft: ApplicationDraft, caller: Principal) -> Tenancy:
    """The employer whose vacancy it is for, and whoever has been shown the draft."""
    return Tenancy(employer_ids=frozenset({draft.advertiser_id}), subject_id=caller.id)


async def documents_of_draft(session: AsyncSession, draft_id: UUID) -> Sequence[Document]:
    """In the order of their coming."""
    query = select(Document).where(Document.draft_id == draft_id, Document.application_id.is_(None))
    return (await session.scalars(query.order_by(Document.stored_at, Document.id))).all()


async def advert_of(session: AsyncSession, job_id: UUID, *, now: datetime) -> PublishedJob:
    """What the advert says, or said when it was last out: a draft outlives it. Raises JobNotFound."""
    vacancy = await find_vacancy(session, job_id)
    if vacancy is None or vacancy.published_at is None or vacancy.closes_at is None:
        raise JobNotFound
    return await as_published(session, vacancy, now)


async def present_draft(session: AsyncSession, draft: ApplicationDraft, *, now: datetime) -> DraftRead:
    """Raises JobNotFound."""
    job = await advert_of(session, draft.vacancy_id, now=now)
    vacancy = await session.get_one(Vacancy, draft.vacancy_id)
    form = ApplicationForm.model_validate(job.application_form)
    criteria = [each["criterion_id"] for each in job.essential]
    documents = await documents_of_draft(session, draft.id)
    faults = [] if draft.application_id is not None else faults_in(form, criteria, body_of(draft), documents)
    return DraftRead(
        id=draft.id,
        job_id=draft.vacancy_id,
        job_title=job.title,
        version=draft.version,
        begun_at=draft.begun_at,
        saved_at=draft.saved_at,
        closes_at=vacancy.closes_at,
        may_be_sent_until=await last_instant(session, vacancy, draft.begun_at),
        form_version=draft.form_version,
        current_form_version=job.form_version,
        application=draft.typed,
        missing=[MissingPart(field=each.field, code=each.code, message=each.message) for each in faults],
        documents=[OwnDocument.model_validate(each) for each in documents],
        application_id=draft.application_id,
    )


async def drafts_of_person(session: AsyncSession, person: str) -> Sequence[ApplicationDraft]:
    """What somebody has begun and not sent, locked, the newest first."""
    query = (
        select(ApplicationDraft)
        .where(ApplicationDraft.person_key == person, ApplicationDraft.application_id.is_(None))
        .order_by(ApplicationDraft.begun_at.desc(), ApplicationDraft.id)
        .limit(LINKS_AT_ONCE)
    )
    return (await session.scalars(query.with_for_update())).all()


async def count_begun(session: AsyncSession, person: str, *, now: datetime) -> int:
    """How many drafts were begun with this address in the last day."""
    query = select(func.count()).where(
        ApplicationDraft.person_key == person, ApplicationDraft.begun_at > now - timedelta(days=1)
    )
    return await session.scalar(query) or 0


async def former_applications(session: AsyncSession, draft: ApplicationDraft) -> list[FormerApplication]:
    """What the same address has sent before, at whichever employer: for who has shown that the address is theirs."""
    await enter(session, REGION)
    found = await applications_of_person(session, draft.person_key)
    return [
        FormerApplication(id=application.id, job_title=title, submitted_at=application.submitted_at)
        for application, title in found
    ]
