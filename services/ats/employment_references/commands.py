"""Every command of staff locks the application first, then the reference.

What a referee says is kept apart from who was asked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.models import Application
from services.ats.applications.rules import StageNotReachable
from services.ats.applications.telling import tell_with_link
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.employment_references import queries
from services.ats.employment_references.asking import refuse_referee_link, write_to_referee
from services.ats.employment_references.evidence import note_evidence
from services.ats.employment_references.forms import NEWEST_VERSION
from services.ats.employment_references.models import (
    ExplainedGap,
    ReferenceAnswers,
    ReferenceRequest,
    ReferenceState,
)
from services.ats.employment_references.permitted import (
    ConsentAnswered,
    ReferenceAction,
    refuse_closed,
    refuse_reader,
)
from services.ats.employment_references.schemas import GapExplained, OffServiceReference, RefereeAddress, ReferenceAsk
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy
from shared.calendar import local_date
from shared.errors import Invalid
from shared.etag import refuse_stale
from shared.events.references import ReferenceConsentWanted
from shared.principals import Principal
from shared.sealing import person_key


class ReferenceDayAhead(Invalid):
    code = "reference_day_ahead"
    title = "The time that a reference or an explanation covers cannot lie ahead"


async def ask_for_reference(
    session: AsyncSession, application_id: UUID, wanted: ReferenceAsk, *, actor: Actor, now: datetime
) -> ReferenceRequest:
    """Write to the referee, or first to the candidate where they want to be asked before.

    Raises ApplicationNotFound, StageNotReachable before the shortlist, ReferenceDayAhead.
    """
    application = await application_queries.get_application(session, application_id, lock=True)
    if application.stage not in queries.ASKED_AT:
        raise StageNotReachable(
            "References are asked for people on the shortlist.", field="stage", stage=application.stage
        )
    if wanted.employed_from > local_date(now):
        raise ReferenceDayAhead(field="employed_from")
    reference = ReferenceRequest(
        employer_id=application.employer_id,
        vacancy_id=application.vacancy_id,
        application_id=application.id,
        form=wanted.form,
        form_version=NEWEST_VERSION,
        state=ReferenceState.AWAITING_CONSENT,
        referee_name=wanted.referee_name,
        referee_email=wanted.referee_email,
        referee_key=person_key(wanted.referee_email),
        organisation=wanted.organisation,
        employed_from=wanted.employed_from,
        employed_to=wanted.employed_to,
        asks_first=wanted.asks_first,
        made_at=now,
        made_by=actor.id,
    )
    session.add(reference)
    await session.flush()
    _audit(session, reference, "reference_asked_for", actor, now)
    vacancy = await get_vacancy(session, application.vacancy_id)
    if wanted.asks_first:
        await _ask_candidate(session, reference, application, vacancy, now=now)
    else:
        await write_to_referee(session, reference, now=now)
    return reference


async def _ask_candidate(
    session: AsyncSession, reference: ReferenceRequest, application: Application, vacancy: Vacancy, *, now: datetime
) -> None:
    wanted = ReferenceConsentWanted(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        reference_id=reference.id,
        vacancy_title=vacancy.title,
    )
    await tell_with_link(session, application, wanted, now=now)


async def answer_consent(
    session: AsyncSession, reference_id: UUID, application_id: UUID, *, agrees: bool, actor: Actor, now: datetime
) -> ReferenceRequest:
    """By the candidate's own link, once. Raises ReferenceNotFound for another's, ConsentAnswered."""
    reference = await queries.get_reference(session, reference_id, lock=True)
    if reference.application_id != application_id:
        raise queries.ReferenceNotFound
    if reference.state is not ReferenceState.AWAITING_CONSENT:
        raise ConsentAnswered(next_step="To change your mind, ring or write to the council.", state=reference.state)
    reference.version += 1
    if agrees:
        reference.consented_at = now
        await write_to_referee(session, reference, now=now)
    else:
        reference.state = ReferenceState.CONSENT_REFUSED
    _audit(session, reference, "reference_consented" if agrees else "reference_consent_refused", actor, now)
    return reference


async def ask_again(
    session: AsyncSession, reference_id: UUID, *, actor: Actor, expected: int | None, now: datetime
) -> ReferenceRequest:
    """A new link for another twelve weeks; the one before is void. Raises ReferenceNotFound, ReferenceNotOpen."""
    reference = await _load_for(session, reference_id, ReferenceAction.ASK_AGAIN, expected)
    await write_to_referee(session, reference, now=now)
    _audit(session, reference, "reference_asked_again", actor, now)
    return reference


async def change_address(
    session: AsyncSession,
    reference_id: UUID,
    wanted: RefereeAddress,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> ReferenceRequest:
    """Whatever went to the old address is void, and so is the candidate's leave, which was for that referee.

    Raises ReferenceNotFound, ReferenceNotOpen.
    """
    reference = await _load_for(session, reference_id, ReferenceAction.CHANGE_ADDRESS, expected)
    reference.referee_name, reference.referee_email = wanted.referee_name, wanted.referee_email
    reference.referee_key = person_key(wanted.referee_email)
    await refuse_referee_link(session, reference, now=now)
    if reference.asks_first:
        reference.state, reference.consented_at = ReferenceState.AWAITING_CONSENT, None
        reference.link_expires_at = reference.next_reminder_at = None
        application = await application_queries.get_application(session, reference.application_id)
        vacancy = await get_vacancy(session, reference.vacancy_id)
        await _ask_candidate(session, reference, application, vacancy, now=now)
    else:
        await write_to_referee(session, reference, now=now)
    _audit(session, reference, "referee_address_changed", actor, now)
    return reference


async def withdraw_reference(
    session: AsyncSession, reference_id: UUID, *, actor: Actor, expected: int | None, now: datetime
) -> ReferenceRequest:
    """Raises ReferenceNotFound, ReferenceNotOpen."""
    reference = await _load_for(session, reference_id, ReferenceAction.WITHDRAW, expected)
    reference.state, reference.next_reminder_at = ReferenceState.WITHDRAWN, None
    await refuse_referee_link(session, reference, now=now)
    _audit(session, reference, "reference_withdrawn", actor, now)
    return reference


async def record_off_service(
    session: AsyncSession,
    reference_id: UUID,
    given: OffServiceReference,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> ReferenceRequest:
    """It came by another way. Raises ReferenceNotFound, ReferenceNotOpen, ReferenceDayAhead."""
    reference = await _load_for(session, reference_id, ReferenceAction.RECORD_OFF_SERVICE, expected)
    for field, day in (("employed_from", given.employed_from), ("employed_to", given.employed_to)):
        if day is not None and day > local_date(now):
            raise ReferenceDayAhead(field=field)
    reference.employed_from, reference.employed_to = given.employed_from, given.employed_to
    reference.state, reference.received_at = ReferenceState.RECEIVED_OFF_SERVICE, now
    reference.next_reminder_at = None
    session.add(
        ReferenceAnswers(
            employer_id=reference.employer_id,
            request_id=reference.id,
            answers={},
            received_at=now,
            evidence_reference=given.evidence_reference,
        )
    )
    await refuse_referee_link(session, reference, now=now)
    _audit(session, reference, "reference_received_off_service", actor, now)
    return reference


async def complete_reference(
    session: AsyncSession, reference_id: UUID, *, actor: Actor, expected: int | None, now: datetime
) -> ReferenceRequest:
    """Staff have looked at it: its time is covered. Raises ReferenceNotFound, ReferenceNotOpen."""
    reference = await _load_for(session, reference_id, ReferenceAction.COMPLETE, expected)
    reference.completed_at, reference.completed_by = now, actor.id
    _audit(session, reference, "reference_completed", actor, now)
    await session.flush()
    await note_evidence(session, reference.application_id, actor=actor, now=now)
    return reference


async def explain_gap(
    session: AsyncSession, application_id: UUID, given: GapExplained, *, actor: Actor, now: datetime
) -> ExplainedGap:
    """Raises ApplicationNotFound, ReferenceDayAhead."""
    application = await application_queries.get_application(session, application_id, lock=True)
    if given.last_on > local_date(now):
        raise ReferenceDayAhead(field="last_on")
    gap = ExplainedGap(
        employer_id=application.employer_id,
        application_id=application.id,
        explained_by=actor.id,
        explained_at=now,
        **given.model_dump(),
    )
    session.add(gap)
    subject = Subject("application", application.id, application.employer_id)
    write_audit(session, "gap_explained", subject, actor=actor, at=now)
    await session.flush()
    await note_evidence(session, application.id, actor=actor, now=now)
    return gap


async def read_answers_of(
    session: AsyncSession, reference_id: UUID, *, caller: Principal, now: datetime
) -> ReferenceAnswers:
    """That it was read is audited with the answer. Raises ReferenceNotFound, ReferenceConfidential."""
    reference = await queries.get_reference(session, reference_id)
    vacancy = await get_vacancy(session, reference.vacancy_id)
    refuse_reader(caller, reference.employer_id, vacancy.hiring_manager_id)
    answers = await queries.find_answers(session, reference_id)
    if answers is None:
        raise queries.ReferenceNotFound(next_step="Nothing has come yet.")
    _audit(session, reference, "reference_read", Actor.of(caller), now)
    return answers


async def _load_for(
    session: AsyncSession, reference_id: UUID, action: ReferenceAction, expected: int | None
) -> ReferenceRequest:
    found = await queries.get_reference(session, reference_id)
    await application_queries.get_application(session, found.application_id, lock=True)
    reference = await queries.get_reference(session, reference_id, lock=True)
    refuse_stale(expected, reference.version)
    refuse_closed(reference, action)
    reference.version += 1
    return reference


def _audit(session: AsyncSession, reference: ReferenceRequest, action: str, actor: Actor, at: datetime) -> None:
    write_audit(session, action, Subject("reference", reference.id, reference.employer_id), actor=actor, at=at)
