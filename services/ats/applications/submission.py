"""Taking an application: what panels may read of it, and what stands apart with the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import form_rules, rules
from services.ats.applications.claims import claim_interview, refuse_unknown_scheme
from services.ats.applications.commands import ONE_PER_PERSON, is_breach_of
from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.pooling import join_pool
from services.ats.applications.rejecting import reject
from services.ats.applications.schemas import ApplicationCreate, Rejection
from services.ats.applications.states import ApplicationSource, RejectionReason
from services.ats.applications.telling import log_application, tell_with_link
from services.ats.audit.actor import SYSTEM, Actor
from services.ats.files.claiming import Owner, Sender, claim
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.identity.queries import find_link_address
from services.ats.jobs.queries import JobNotFound
from services.ats.selection_policy.queries import terms_in_force
from services.ats.vacancies.application_form import ApplicationForm, CouncilQuestion
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import watch_vacancy
from shared.calendar import local_date
from shared.errors import DomainError
from shared.events.applications import ApplicationReceived
from shared.sealing import person_key
from shared.vocabulary import VacancyState

SHOWN_TO_PANELS = {"employment", "breaks", "education", "declarations", "questions"}
SHOWN_WITH_THE_PERSON = {"registrations", "referees"}
"""They say who somebody is, and so stand with the contact."""


class AlreadyApplied(DomainError):
    code = "already_applied"
    title = "This person has applied for this vacancy already"


@dataclass(frozen=True, slots=True)
class Begun:
    """The draft that an application was typed into: since when, by whose system, and where its links are opened."""

    at: datetime
    client_id: UUID | None
    link_address: str | None
    draft_id: UUID | None = None


async def submit_application(
    session: AsyncSession,
    job_id: UUID,
    wanted: ApplicationCreate,
    *,
    actor: Actor,
    begun: Begun | None = None,
    now: datetime,
) -> Application:
    """Take an application for a live advert and acknowledge it to the candidate.

    Raises JobNotFound, JobClosed, ManagedElsewhere, CriterionUnknown, FormChanged, FormNotAnswered, SchemeNotOffered,
    QuotaReached, AlreadyApplied.
    """
    vacancy = await watch_vacancy(session, job_id)
    if vacancy is None or vacancy.published_at is None:
        raise JobNotFound
    rules.refuse_elsewhere(vacancy)
    rules.refuse_late(await last_instant(session, vacancy, None if begun is None else begun.at), now)
    answered = [each.criterion_id for each in wanted.answers]
    rules.refuse_unknown_criteria(answered, vacancy.essential, "answers")
    form = ApplicationForm.model_validate(vacancy.application_form)
    form_rules.refuse_other_version(wanted.form_version, vacancy.form_version)
    form_rules.refuse_unanswered(form, vacancy.essential, wanted)
    await refuse_unknown_scheme(session, vacancy, wanted.guaranteed_interview, now=now)
    ruled_out = form_rules.knock_outs(form, wanted)
    if begun is None:
        begun = Begun(now, actor.id, await find_link_address(session, actor.id))
    application = _application_of(vacancy, wanted, ruled_out, begun=begun, now=now)
    await _store(session, application)
    await _claim_documents(
        session, application, form_rules.documents_in(form, wanted.questions), Sender(actor.id, begun.draft_id)
    )
    claim_interview(session, application, wanted.guaranteed_interview)
    log_application(session, application, HiringEvent.APPLIED, at=now, actor=actor)
    await _acknowledge(session, application, vacancy, now=now)
    if wanted.talent_pool_opt_in is not None:
        await join_pool(session, application, vacancy, wanted.talent_pool_opt_in, actor=actor, now=now)
    await _settle_knock_outs(session, application, vacancy, ruled_out, now=now)
    return application


async def last_instant(session: AsyncSession, vacancy: Vacancy, begun_at: datetime | None) -> datetime | None:
    """Before which an application has to come; None where it is over whatever the time.

    For a draft that was begun before the closing the grace of that day's policy is added, unless the advert was closed
    early or people are chosen already.
    """
    closes_at = vacancy.closes_at
    if closes_at is None or not rules.is_closing_by_itself(vacancy):
        return None
    if begun_at is None or begun_at >= closes_at:
        return closes_at if vacancy.state is VacancyState.LIVE else None
    terms = await terms_in_force(session, vacancy.employer_id, today=local_date(closes_at))
    return closes_at + timedelta(minutes=terms.draft_grace_minutes)


def _application_of(
    vacancy: Vacancy, wanted: ApplicationCreate, ruled_out: Sequence[CouncilQuestion], *, begun: Begun, now: datetime
) -> Application:
    """Not stored yet. `ruled_out`: the knock-out questions that were answered so."""
    return Application(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        reference=rules.new_reference(),
        source=ApplicationSource.BOARD,
        source_client_id=begun.client_id,
        link_address=begun.link_address,
        person_key=person_key(wanted.email),
        submitted_at=now,
        stage_entered_at=now,
        is_anonymised=vacancy.is_anonymised,
        claims_interview=wanted.guaranteed_interview is not None,
        answers=[each.model_dump() for each in wanted.answers],
        supporting_statement=wanted.supporting_statement,
        form_version=vacancy.form_version,
        form_answers=wanted.model_dump(mode="json", include=SHOWN_TO_PANELS, exclude_unset=True),
        knock_outs=[each.question_id for each in ruled_out],
        contact=CandidateContact(
            employer_id=vacancy.employer_id,
            name=wanted.name,
            email=wanted.email,
            phone=wanted.phone,
            details=wanted.model_dump(mode="json", include=SHOWN_WITH_THE_PERSON, exclude_unset=True),
        ),
    )


async def _store(session: AsyncSession, application: Application) -> None:
    """The unique index decides between twins. Raises AlreadyApplied; the transaction is over then."""
    session.add(application)
    try:
        await session.flush()
    except IntegrityError as error:
        if is_breach_of(error, ONE_PER_PERSON):
            raise AlreadyApplied from None
        raise


async def _claim_documents(
    session: AsyncSession, application: Application, named: Mapping[str, UUID], sender: Sender
) -> None:
    """Those that were sent ahead for this vacancy, or for its draft, are the application's from now on.

    Raises FormNotAnswered, QuotaReached.
    """
    if not named:
        return
    owner = Owner(application.id, application.vacancy_id, application.person_key)
    claimed = await claim(session, list(named.values()), owner, sender=sender)
    twice = len(set(named.values())) < len(named)
    form_rules.refuse_unknown_documents([each for each, id_ in named.items() if twice or id_ not in claimed])


async def _acknowledge(session: AsyncSession, application: Application, vacancy: Vacancy, *, now: datetime) -> None:
    received = ApplicationReceived(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        reference=application.reference,
        vacancy_title=vacancy.title,
    )
    await tell_with_link(session, application, received, now=now)


async def _settle_knock_outs(
    session: AsyncSession,
    application: Application,
    vacancy: Vacancy,
    ruled_out: Sequence[CouncilQuestion],
    *,
    now: datetime,
) -> None:
    """Rejected with the first question's reason where the council says so; marked for who decides in any case.

    Never somebody who claims a guaranteed interview: whether they meet every essential criterion is for people to say.
    """
    if not ruled_out or application.claims_interview:
        return
    terms = await terms_in_force(session, vacancy.employer_id, today=local_date(now))
    if not terms.rejects_knock_outs:
        return
    causes = [each.knock_out for each in ruled_out if each.knock_out is not None]
    rejection = Rejection(
        reason_code=RejectionReason(causes[0].reason_code),
        unmet_criteria=sorted({each.criterion_id for each in causes if each.criterion_id is not None}),
    )
    await reject(session, application, vacancy, rejection, actor=SYSTEM, now=now)
