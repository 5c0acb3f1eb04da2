"""A referee with their link: what they see, and what they send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_contact
from services.ats.audit.actor import SYSTEM
from services.ats.audit.commands import Subject, write_audit
from services.ats.employment_references import queries
from services.ats.employment_references.asking import refuse_referee_link
from services.ats.employment_references.forms import FORMS, Wrong, read_answers
from services.ats.employment_references.models import ReferenceAnswers, ReferenceRequest, ReferenceState
from services.ats.employment_references.schemas import OwnReference, QuestionRead
from services.ats.vacancies.queries import get_vacancy
from shared import outbox
from shared.calendar import local_date
from shared.database import enter
from shared.errors import DomainError
from shared.events.references import ReferenceReceived
from shared.principals import Principal
from shared.registry import get_employer
from shared.tenancy import Tenancy


class ReferenceOver(DomainError):
    """It was given already, or is wanted no more."""

    code = "reference_over"
    status = 410
    title = "This reference was given already, or is not needed any more"


async def reach_reference(session: AsyncSession, caller: Principal, *, lock: bool = False) -> ReferenceRequest:
    """The one that the link is for. Row-level security has shown that it is theirs before the transaction reaches the
    employer's rows. Raises ReferenceNotFound, ReferenceOver.
    """
    if caller.subject_id is None:
        raise queries.ReferenceNotFound
    reference = await queries.get_reference(session, caller.subject_id, lock=lock)
    if reference.state is not ReferenceState.REQUESTED:
        raise ReferenceOver
    await enter(session, Tenancy(employer_ids=frozenset({reference.employer_id}), subject_id=caller.subject_id))
    return reference


async def own_reference(session: AsyncSession, caller: Principal) -> OwnReference:
    """Raises ReferenceNotFound, ReferenceOver."""
    reference = await reach_reference(session, caller)
    contact = await get_contact(session, reference.application_id)
    if contact is None:
        raise ReferenceOver
    vacancy = await get_vacancy(session, reference.vacancy_id)
    employer = await get_employer(session, reference.employer_id)
    questions = FORMS[reference.form, reference.form_version]
    return OwnReference(
        candidate_name=contact.name,
        vacancy_title=vacancy.title,
        employer_name=employer.title,
        form=reference.form,
        form_version=reference.form_version,
        questions=[QuestionRead.model_validate(each) for each in questions],
    )


async def give_reference(
    session: AsyncSession, sent: Mapping[str, str], *, caller: Principal, now: datetime
) -> tuple[ReferenceRequest, list[Wrong]]:
    """Kept whole or not at all: what is wrong comes back. Of two at once, one is taken.

    Raises ReferenceNotFound, ReferenceOver.
    """
    reference = await reach_reference(session, caller, lock=True)
    answers, wrong = read_answers(FORMS[reference.form, reference.form_version], sent, local_date(now))
    if wrong:
        return reference, wrong
    reference.state, reference.received_at = ReferenceState.RECEIVED, now
    reference.next_reminder_at = None
    reference.version += 1
    reference.employed_from = date.fromisoformat(answers["employed_from"])
    reference.employed_to = date.fromisoformat(answers["employed_to"]) if "employed_to" in answers else None
    session.add(
        ReferenceAnswers(employer_id=reference.employer_id, request_id=reference.id, answers=answers, received_at=now)
    )
    subject = Subject("reference", reference.id, reference.employer_id)
    write_audit(session, "reference_received", subject, actor=SYSTEM, at=now)
    received = ReferenceReceived(
        reference_id=reference.id,
        application_id=reference.application_id,
        vacancy_id=reference.vacancy_id,
        employer_id=reference.employer_id,
    )
    await outbox.record(session, received, now=now)
    await refuse_referee_link(session, reference, now=now)
    return reference, []
