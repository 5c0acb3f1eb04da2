"""A draft is begun, saved, filled from an earlier application, sent and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import form_rules
from services.ats.applications.models import Application
from services.ats.applications.queries import ApplicationNotFound, find_answered_form, get_application
from services.ats.applications.rules import ManagedElsewhere
from services.ats.applications.schemas import ApplicationCreate
from services.ats.applications.submission import Begun, submit_application
from services.ats.audit.actor import Actor
from services.ats.drafts import queries, rules
from services.ats.drafts.documents import adopt_documents, drop_unnamed, refuse_too_many_documents
from services.ats.drafts.former import answers_of_former
from services.ats.drafts.models import ApplicationDraft
from services.ats.drafts.telling import send_link
from services.ats.identity.queries import find_link_address
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.queries import JobNotFound, get_job
from services.ats.vacancies.application_form import ApplicationForm
from shared.database import enter
from shared.etag import refuse_stale
from shared.links import end_link_sessions_of, revoke_links
from shared.principals import Principal, PrincipalKind
from shared.sealing import person_key
from shared.tenancy import REGION

HOSTED = "hosted"


@dataclass(frozen=True, slots=True)
class NewDraft:
    """Begun for this address. `typed`: what of the application is there already."""

    email: str
    typed: Mapping[str, Any]


async def begin_draft(
    session: AsyncSession, job_id: UUID, new: NewDraft, *, caller: Principal, now: datetime
) -> tuple[ApplicationDraft, PublishedJob]:
    """For a live advert; its person is mailed a link. In a region session. Raises JobNotFound, JobEnded,
    ManagedElsewhere, DraftTooLarge.
    """
    job = await get_job(session, job_id, now=now)
    is_a_system = caller.kind is PrincipalKind.CLIENT
    if is_a_system and not caller.may_act_for(job.employer_id):
        raise JobNotFound
    if job.apply_method != HOSTED:
        raise ManagedElsewhere(next_step="Send the candidate to apply_url.", apply_url=job.apply_url)
    person = person_key(new.email)
    is_quiet = await queries.count_begun(session, person, now=now) >= rules.MOST_MAILS_A_DAY
    draft = ApplicationDraft(
        vacancy_id=job_id,
        advertiser_id=job.employer_id,
        email=new.email,
        person_key=person,
        typed=rules.merge({}, {**new.typed, "form_version": None}),
        form_version=job.form_version,
        begun_at=now,
        saved_at=now,
        source_client_id=caller.id if is_a_system else None,
        link_address=await find_link_address(session, caller.id) if is_a_system else None,
    )
    session.add(draft)
    await session.flush()
    await adopt_documents(session, draft, ApplicationForm.model_validate(job.application_form), caller=caller)
    if not is_quiet:
        await send_link(session, draft, job, "begun", now=now)
    return draft, job


def save_draft(
    draft: ApplicationDraft, changes: Mapping[str, Any], *, expected: int | None = None, now: datetime
) -> None:
    """Keep what was typed as it was typed. Raises DraftSent, StaleVersion, DraftTooLarge."""
    rules.refuse_sent(draft)
    refuse_stale(expected, draft.version)
    if type(shown := changes.get("form_version")) is int:
        draft.form_version = shown
    rules.keep(draft, rules.merge(draft.typed, {**changes, "form_version": None}), now)


async def adopt_named_documents(
    session: AsyncSession, draft: ApplicationDraft, *, caller: Principal, now: datetime
) -> None:
    """Raises JobNotFound."""
    job = await queries.advert_of(session, draft.vacancy_id, now=now)
    await adopt_documents(session, draft, ApplicationForm.model_validate(job.application_form), caller=caller)


def adopt_form(draft: ApplicationDraft, job: PublishedJob, *, now: datetime) -> bool:
    """Go on with the form as it is now. Whether it was another that the person had seen."""
    if draft.form_version == job.form_version:
        return False
    form = ApplicationForm.model_validate(job.application_form)
    kept = rules.only_asked(draft.typed, form, [each["criterion_id"] for each in job.essential])
    draft.form_version = job.form_version
    rules.keep(draft, kept, now)
    return True


async def submit_draft(
    session: AsyncSession, draft: ApplicationDraft, *, caller: Principal, now: datetime
) -> Application:
    """Send it, once: the same again gives the application that it became. `draft` is locked.

    Raises FormNotAnswered with everything that is missing, and what `submit_application` raises.
    """
    if draft.application_id is not None:
        return await get_application(session, draft.application_id)
    job = await queries.advert_of(session, draft.vacancy_id, now=now)
    form = ApplicationForm.model_validate(job.application_form)
    form_rules.refuse_other_version(draft.form_version, job.form_version)
    body = rules.body_of(draft)
    documents = await queries.documents_of_draft(session, draft.id)
    form_rules.refuse_faults(rules.faults_in(form, [each["criterion_id"] for each in job.essential], body, documents))
    await refuse_too_many_documents(session, draft, [*rules.documents_named(form, body).values()], caller)
    application = await submit_application(
        session,
        draft.vacancy_id,
        ApplicationCreate.model_validate(body),
        actor=Actor.of(caller),
        begun=Begun(draft.begun_at, draft.source_client_id, draft.link_address, draft.id),
        now=now,
    )
    await drop_unnamed(session, draft, caller=caller, now=now)
    # What it held is the application's now; that it was sent answers those who send it again.
    draft.application_id, draft.typed, draft.email, draft.person_key = application.id, {}, "", ""
    draft.version += 1
    return application


async def reuse_former(session: AsyncSession, draft: ApplicationDraft, former_id: UUID, *, now: datetime) -> None:
    """Fill what is empty of the draft from what the same person sent before. Raises ApplicationNotFound, DraftSent."""
    rules.refuse_sent(draft)
    await enter(session, REGION)
    former = await get_application(session, former_id)
    if former.person_key != draft.person_key:
        raise ApplicationNotFound
    kept = await find_answered_form(session, former_id)
    then = ({}, []) if kept is None else (kept.form, kept.essential)
    job = await queries.advert_of(session, draft.vacancy_id, now=now)
    form = ApplicationForm.model_validate(job.application_form)
    found = answers_of_former(former, then, (form, job.essential))
    empty = {name: value for name, value in found.items() if not draft.typed.get(name)}
    rules.keep(draft, rules.merge(draft.typed, empty), now)


async def delete_draft(session: AsyncSession, draft: ApplicationDraft, *, now: datetime) -> None:
    """With its links and sessions."""
    await end_links(session, draft, now=now)
    await session.delete(draft)


async def end_links(session: AsyncSession, draft: ApplicationDraft, *, now: datetime) -> None:
    """No link that was sent, and no browser that came by one, reaches the draft any more."""
    await enter(session, REGION)
    await revoke_links(session, draft.id, now=now)
    await end_link_sessions_of(session, draft.id)


async def send_another_link(session: AsyncSession, draft: ApplicationDraft, *, now: datetime) -> None:
    """Raises DraftSent, JobNotFound."""
    rules.refuse_sent(draft)
    job = await queries.advert_of(session, draft.vacancy_id, now=now)
    await enter(session, REGION)
    await send_link(session, draft, job, "asked", now=now)


async def send_links(session: AsyncSession, email: str, *, now: datetime) -> None:
    """To everything that this address has begun. In a region session."""
    for draft in await queries.drafts_of_person(session, person_key(email)):
        await send_link(session, draft, await queries.advert_of(session, draft.vacancy_id, now=now), "asked", now=now)
