"""What a candidate is told: the fact, with their contact sealed for the message alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import rules
from services.ats.applications.models import Application
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent
from shared import outbox
from shared.addresses import public_url
from shared.events.base import Contact, ContactWithLink, Event
from shared.links import issue_link, link_url
from shared.vocabulary import Service

LINK_PURPOSE = "candidate"
LINK_LIFE = timedelta(days=120)
REQUESTED_LINK_LIFE = timedelta(hours=24)


async def tell(session: AsyncSession, application: Application, event: Event, *, now: datetime) -> UUID | None:
    """The fact's id. Nobody is told where the contact was erased."""
    contact = application.contact
    if contact is None:
        return None
    sealed = Contact(name=contact.name, email=contact.email)
    told = _with_anonymity(event, application)
    return await outbox.record(session, told, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def tell_with_link(
    session: AsyncSession,
    application: Application,
    event: Event,
    *,
    now: datetime,
    life: timedelta = LINK_LIFE,
    path: str | None = None,
) -> None:
    """The same with a new single-use link to the candidate's own page, or past it to `path`."""
    contact = application.contact
    if contact is None:
        return
    link = await own_link(session, application, expires_at=now + life, path=path)
    sealed = ContactWithLink(name=contact.name, email=contact.email, link=link)
    told = _with_anonymity(event, application)
    await outbox.record(session, told, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def own_link(
    session: AsyncSession, application: Application, *, expires_at: datetime, path: str | None = None
) -> str:
    """The address of a new single-use link, for a message and nothing else."""
    token = await issue_link(
        session,
        purpose=LINK_PURPOSE,
        subject_id=application.id,
        employer_id=application.employer_id,
        expires_at=expires_at,
        path=path,
    )
    return link_url(application.link_address or public_url(Service.ATS), token)


def _with_anonymity(event: Event, application: Application) -> Event:
    """A fact that may be told before the shortlist says whether its messages may show whom they went to."""
    if "is_candidate_hidden" not in type(event).model_fields:
        return event
    return event.model_copy(update={"is_candidate_hidden": rules.is_hidden(application)})


def log_application(
    session: AsyncSession, application: Application, event: HiringEvent, *, at: datetime, actor: Actor
) -> HiringLogEntry:
    """Note a candidate's step; it carries the opening once one is theirs."""
    step = Step(
        application.employer_id,
        application.vacancy_id,
        opening_no=application.opening_no,
        application_id=application.id,
        route=application.route,
    )
    return append(session, event, step, occurred_at=at, actor=actor)


def audit_application(
    session: AsyncSession,
    application: Application,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
) -> None:
    subject = Subject("application", application.id, application.employer_id)
    write_audit(session, action, subject, actor=actor, at=at, reason=reason)
