from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.submission import submit_application
from services.ats.applying import rules
from services.ats.applying.reading import SentApplication
from services.ats.audit.actor import Actor
from services.ats.documents.commands import Received, send_ahead, store_of
from services.ats.files.claiming import Owner, Sender, claim
from services.ats.files.desk import DocumentDesk
from services.ats.jobs.queries import JobNotFound
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.queries import watch_vacancy
from shared.principals import Principal


async def send_application(
    session: AsyncSession, desk: DocumentDesk, job_id: UUID, sent: SentApplication, *, caller: Principal, now: datetime
) -> Application:
    """Take an application with its files: all of it or nothing, and then nothing of them is left in the store.

    Its files become documents as if they had been sent ahead, and are claimed as those are. Raises FormNotAnswered,
    and what `send_ahead` and `submit_application` raise.
    """
    actor = Actor.of(caller)
    if not sent.answering and not sent.beside:
        return await submit_application(session, job_id, sent.wanted, actor=actor, now=now)
    vacancy = await watch_vacancy(session, job_id)
    if vacancy is None or vacancy.published_at is None:
        raise JobNotFound
    form = ApplicationForm.model_validate(vacancy.application_form)
    rules.refuse_misplaced(form, sent.wanted, sent.answering)
    async with store_of(desk).undone_on_error() as store:
        ours = replace(desk, store=store)

        async def send(received: Received) -> UUID:
            return (await send_ahead(session, ours, received, job_id, caller=caller, now=now)).id

        answers = {question_id: await send(each) for question_id, each in sent.answering.items()}
        beside = [await send(each) for each in sent.beside]
        wanted = rules.with_answers(form, sent.wanted, answers)
        application = await submit_application(session, job_id, wanted, actor=actor, now=now)
        await _claim_beside(session, application, beside, Sender(actor.id))
        # What the database still has to say of them, it says before they are past being undone.
        await session.flush()
    return application


async def _claim_beside(
    session: AsyncSession, application: Application, documents: Sequence[UUID], sender: Sender
) -> None:
    """Raises QuotaReached."""
    if documents:
        owner = Owner(application.id, application.vacancy_id, application.person_key)
        await claim(session, documents, owner, sender=sender)
