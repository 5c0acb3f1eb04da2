"""The guaranteed interview: who claims one and meets every essential criterion is not sifted out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.rules import refuse_elsewhere
from services.ats.applications.schemas import Rejection
from services.ats.applications.states import RejectionReason
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.panels.queries import applications_for_panel, get_panel
from services.ats.panels.rules import Panel, essential_of
from services.ats.selection import queries, rules
from services.ats.selection.models import InterviewCap
from services.ats.selection.schemas import CapWrite
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy


async def set_cap(
    session: AsyncSession, vacancy_id: UUID, wanted: CapWrite, *, actor: Actor, now: datetime
) -> InterviewCap:
    """Bound the guaranteed interviews of a vacancy. Raises VacancyNotFound, ManagedElsewhere, CapNeedsPanel."""
    vacancy = await get_vacancy(session, vacancy_id, lock=True)
    refuse_elsewhere(vacancy)
    if not (await get_panel(session, vacancy_id)).is_named:
        raise rules.CapNeedsPanel(next_step="Name a panel first: its scores say who the best are.")
    cap = InterviewCap(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        most=wanted.most,
        reason=wanted.reason,
        decided_by=actor.id,
        decided_at=now,
    )
    session.add(cap)
    subject = Subject("vacancy", vacancy.id, vacancy.employer_id)
    reason = f"at most {wanted.most}, the best of the qualifying: {wanted.reason}"
    write_audit(session, "interview_cap_set", subject, actor=actor, at=now, reason=reason)
    await session.flush()
    return cap


async def refuse_guaranteed(
    session: AsyncSession, vacancy: Vacancy, application: Application, rejection: Rejection, panel: Panel | None
) -> None:
    """Raises InterviewGuaranteed, and QuorumMissing of another claimant where a cap asks who the best are."""
    if not application.claims_interview or rejection.reason_code not in rules.JUDGEMENTS:
        return
    if panel is None:
        # Nobody scored: the decider says which essential criteria are not met, or there is none.
        if rejection.reason_code is not RejectionReason.ESSENTIAL_NOT_MET:
            raise rules.InterviewGuaranteed(
                next_step="Shortlist them, or name the essential criteria that are not met."
            )
        return
    essential = essential_of(vacancy)
    if not rules.qualifies(panel, application.id, essential):
        return
    caps = await queries.caps_of(session, vacancy.id)
    if not caps:
        raise rules.InterviewGuaranteed(
            next_step="Shortlist them; where more qualify than can be seen, record a cap for the vacancy first."
        )
    claimants = [each for each in await applications_for_panel(session, vacancy.id) if each.claims_interview]
    for each in claimants:
        if each.stage is application.stage:
            rules.refuse_unscored(panel, each.id, each.reference)
    ids = [each.id for each in claimants if rules.qualifies(panel, each.id, essential)]
    if rules.is_among_best(panel, application.id, ids, caps[0].most):
        raise rules.InterviewGuaranteed(
            f"They are among the best {caps[0].most} of those who qualify.", next_step="Shortlist them."
        )
