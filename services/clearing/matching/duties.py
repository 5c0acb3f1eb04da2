"""Statutory offer duties (R12): opened by matching, ended only by the home council's HR."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.audit.models import Subject, Transition
from services.clearing.matching import queries
from services.clearing.matching.models import Duty, DutyOutcome, Match
from services.clearing.vacancy_mirror.models import Vacancy
from shared import outbox
from shared.errors import DomainError
from shared.events.clearing import DutyOpened


class DutyAlreadyEnded(DomainError):
    code: ClassVar[str] = "duty_already_ended"
    title: ClassVar[str] = "An outcome of this duty is already recorded"


async def open_duty(session: AsyncSession, match: Match, vacancy: Vacancy, *, at: datetime) -> None:
    """A protected person fits a post of their council or its successor: nobody else is appointed before HR decides.

    Once per person and vacancy: a restarted window (R21) finds the duty that is there.
    """
    if await queries.find_duty(session, match.registration_id, vacancy.id) is not None:
        return
    duty = Duty(
        registration_id=match.registration_id,
        vacancy_id=vacancy.id,
        match_id=match.id,
        home_employer_id=match.home_employer_id,
        opened_at=at,
    )
    await session.flush()  # the match that the duty points to
    session.add_all([duty, _transition(duty, None, "open", SYSTEM, at)])
    event = DutyOpened(vacancy_id=vacancy.id, employer_id=vacancy.employer_id, duty_id=duty.id, opened_at=at)
    await outbox.record(session, event, now=at)


async def end_duty(
    session: AsyncSession, duty_id: UUID, outcome: DutyOutcome, reason: str, *, by: Actor, now: datetime
) -> Duty:
    """HR of the home council says how the duty came to its end (R12, R49). Raises DutyAlreadyEnded."""
    duty = await queries.get_duty(session, duty_id, lock=True)
    by.must_act_for(duty.home_employer_id)
    if duty.outcome is not None:
        raise DutyAlreadyEnded
    duty.outcome, duty.reason = outcome, reason
    duty.decided_by, duty.decided_at = by.staff_id, now
    session.add(_transition(duty, "open", outcome, by, now))
    return duty


def _transition(duty: Duty, before: str | None, after: str, by: Actor, at: datetime) -> Transition:
    return Transition(
        subject=Subject.DUTY,
        subject_id=duty.id,
        from_state=before,
        to_state=after,
        happened_at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        home_employer_id=duty.home_employer_id,
        registration_id=duty.registration_id,
    )
