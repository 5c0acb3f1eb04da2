"""Commands that move a vacancy through its states."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import SYSTEM, Actor
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import queries, rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.advert_schemas import HoldWanted
from services.ats.vacancies.announcing import announce, audit_vacancy, log_step
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.requisitions import one_requisition_for_its_post, refuse_frozen
from services.ats.vacancies.states import OpeningState
from shared import outbox
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.errors import DomainError, Invalid
from shared.etag import refuse_stale
from shared.events.ats import VacancyPublished
from shared.permissions import OnBehalfOfMissing
from shared.principals import Principal, PrincipalKind
from shared.registry import staff_may
from shared.vocabulary import Role, VacancyState

BATCH = 100
OUT = (VacancyState.LIVE, VacancyState.INTERNAL_ADVERT)


class HoldNeedsApprover(Invalid):
    code = "hold_needs_approver"
    title = "An approver of the employer decides to put a vacancy on hold"


class SomebodyAccepted(DomainError):
    code = "somebody_accepted"
    title = "Somebody has an offer for this vacancy"


async def load_for(
    session: AsyncSession, vacancy_id: UUID, action: VacancyAction, expected: int | None = None
) -> Vacancy:
    """The vacancy, locked. Raises VacancyNotFound, StaleVersion, IllegalMove."""
    vacancy = await queries.get_vacancy(session, vacancy_id, lock=True)
    refuse_stale(expected, vacancy.version)
    rules.refuse_illegal(vacancy, action)
    return vacancy


async def publish_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Vacancy:
    """Raises IllegalMove, ApprovalMissing, ClearanceMissing, DeadlinePassed."""
    vacancy = await load_for(session, vacancy_id, VacancyAction.PUBLISH, expected)
    await go_live(session, vacancy, at=now, actor=actor, now=now)
    await announce(session, vacancy, now=now)
    return vacancy


async def go_live(session: AsyncSession, vacancy: Vacancy, *, at: datetime, actor: Actor, now: datetime) -> None:
    """The step itself, for a vacancy in hand; the caller announces it."""
    rules.publish(vacancy, at, now=now)
    assert vacancy.closes_at is not None
    log_step(session, vacancy, HiringEvent.ADVERT_LIVE, at=at, actor=actor)
    audit_vacancy(session, vacancy, "vacancy_published", actor=actor, at=at)
    published = VacancyPublished(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        reference=vacancy.reference,
        title=vacancy.title,
        closes_at=vacancy.closes_at,
        published_at=at,
    )
    await outbox.record(session, published, now=at)


async def follow_release(session: AsyncSession, vacancy: Vacancy, *, at: datetime, now: datetime) -> None:
    """On from clearing once it is released, and to the advert when that publishes itself; the caller announces it."""
    if rules.is_cleared(vacancy):
        rules.release(vacancy)
    at = max(at, vacancy.publish_at or at)
    if rules.may_publish_itself(vacancy, at, now=now):
        await go_live(session, vacancy, at=at, actor=SYSTEM, now=now)


async def close_vacancy(
    session: AsyncSession,
    vacancy_id: UUID,
    *,
    reason: str | None = None,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Vacancy:
    """End the advert before its deadline. Raises IllegalMove."""
    vacancy = await load_for(session, vacancy_id, VacancyAction.CLOSE, expected)
    await _close(session, vacancy, at=now, actor=actor, reason=reason, now=now)
    return vacancy


async def close_due_adverts(session: AsyncSession, now: datetime) -> int:
    """Due work: end each advert at the very instant of its deadline."""
    due = select(Vacancy.id).where(
        Vacancy.state.in_(OUT), Vacancy.closes_at <= now, not_held_back(close_due_adverts, Vacancy.id)
    )
    ids = (await session.scalars(due.order_by(Vacancy.closes_at, Vacancy.id).limit(BATCH))).all()

    async def close_one(vacancy_id: UUID) -> None:
        vacancy = await queries.get_vacancy(session, vacancy_id, lock=True)
        if vacancy.state in OUT and vacancy.closes_at is not None and vacancy.closes_at <= now:
            await _close(session, vacancy, at=vacancy.closes_at, actor=SYSTEM, now=now)

    return await do_each(session, close_due_adverts, ids, close_one)


async def _close(
    session: AsyncSession, vacancy: Vacancy, *, at: datetime, actor: Actor, reason: str | None = None, now: datetime
) -> None:
    rules.close(vacancy, at)
    log_step(session, vacancy, HiringEvent.ADVERT_CLOSED, at=at, actor=actor)
    audit_vacancy(session, vacancy, "vacancy_closed", actor=actor, at=at, reason=reason)
    await announce(session, vacancy, now=now, at=at)


async def hold_vacancy(
    session: AsyncSession,
    vacancy_id: UUID,
    wanted: HoldWanted,
    *,
    caller: Principal,
    expected: int | None,
    now: datetime,
) -> Vacancy:
    """Stop the clock's net days and hide the advert: an approver's decision, which staff may record for the approver,
    and a client in the name of the approver alone. Raises IllegalMove, OnBehalfOfMissing, HoldNeedsApprover.
    """
    actor = Actor.of(caller)
    if caller.kind is PrincipalKind.CLIENT:
        _refuse_unnamed(caller, wanted)
    vacancy = await load_for(session, vacancy_id, VacancyAction.HOLD, expected)
    approved_by = wanted.approved_by or actor.id
    if approved_by is None or not await staff_may(session, approved_by, Role.APPROVER, vacancy.employer_id):
        raise HoldNeedsApprover(field="approved_by", next_step="Name the approver who decided to hold it.")
    vacancy.held_at, vacancy.hold_reason, vacancy.hold_approved_by = now, wanted.reason, approved_by
    vacancy.held_from, vacancy.state = vacancy.state, VacancyState.ON_HOLD
    log_step(session, vacancy, HiringEvent.HOLD_STARTED, at=now, actor=actor)
    audit_vacancy(session, vacancy, "vacancy_held", actor=actor, at=now, reason=wanted.reason)
    await announce(session, vacancy, now=now)
    return vacancy


def _refuse_unnamed(client: Principal, wanted: HoldWanted) -> None:
    """A client's word alone makes nobody decide (design section 3)."""
    if client.staff_id is None:
        raise OnBehalfOfMissing(next_step="Send On-Behalf-Of with the id of the approver who decided to hold it")
    if wanted.approved_by not in {None, client.staff_id}:
        raise HoldNeedsApprover(
            field="approved_by", next_step="Name the approver in On-Behalf-Of, and nobody else in approved_by."
        )


async def resume_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None, now: datetime
) -> Vacancy:
    """A release that came during the hold is followed now. Raises IllegalMove."""
    vacancy = await load_for(session, vacancy_id, VacancyAction.RESUME, expected)
    held_from = vacancy.held_from
    rules.resume(vacancy, now)
    log_step(session, vacancy, HiringEvent.HOLD_ENDED, at=now, actor=actor)
    if vacancy.state is VacancyState.IN_CLEARING and held_from is not VacancyState.IN_CLEARING:
        log_step(session, vacancy, HiringEvent.CLEARING_ENTERED, at=now, actor=SYSTEM)
    audit_vacancy(session, vacancy, "vacancy_resumed", actor=actor, at=now)
    if vacancy.state is VacancyState.IN_CLEARING:
        await follow_release(session, vacancy, at=now, now=now)
    await announce(session, vacancy, now=now)
    return vacancy


async def cancel_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, reason: str, actor: Actor, expected: int | None, now: datetime
) -> Vacancy:
    """The post, or what is left of it, is not wanted any more. Raises IllegalMove, SomebodyAccepted."""
    vacancy = await load_for(session, vacancy_id, VacancyAction.CANCEL, expected)
    if rules.has_promise(vacancy):
        raise SomebodyAccepted(next_step="Withdraw the offer first, with its reason, or let the hire go through.")
    for opening in vacancy.openings:
        if opening.state is not OpeningState.FILLED:
            opening.state, opening.taken_for, opening.held_until = OpeningState.CANCELLED, None, None
            step = Step(vacancy.employer_id, vacancy.id, opening.opening_no)
            append(session, HiringEvent.CANCELLED, step, occurred_at=now, actor=actor)
    vacancy.state, vacancy.pending_approval_id = VacancyState.CANCELLED, None
    if rules.count_openings(vacancy, OpeningState.FILLED):
        rules.settle_fill(vacancy)
    audit_vacancy(session, vacancy, "vacancy_cancelled", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    return vacancy


async def mark_unfilled(
    session: AsyncSession, vacancy_id: UUID, *, reason: str, actor: Actor, expected: int | None, now: datetime
) -> Vacancy:
    """The campaign ended without an appointment. Raises IllegalMove, SomebodyAccepted."""
    vacancy = await load_for(session, vacancy_id, VacancyAction.MARK_UNFILLED, expected)
    if rules.count_openings(vacancy, OpeningState.ACCEPTED, OpeningState.RESERVED):
        raise SomebodyAccepted(next_step="Settle the offers first.")
    vacancy.state = VacancyState.UNFILLED
    log_step(session, vacancy, HiringEvent.FAILED, at=now, actor=actor)
    audit_vacancy(session, vacancy, "vacancy_unfilled", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    return vacancy


async def readvertise_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, reason: str, actor: Actor, expected: int | None, now: datetime
) -> Vacancy:
    """A new run: displaced staff first, then the advert.

    Raises IllegalMove, NoOpeningLeft, PostHasOpenRequisition, RecruitmentFrozen.
    """
    vacancy = await load_for(session, vacancy_id, VacancyAction.READVERTISE, expected)
    await refuse_frozen(session, vacancy, today=local_date(now))
    async with one_requisition_for_its_post(session, vacancy):
        rules.readvertise(vacancy, now)
    log_step(session, vacancy, HiringEvent.CLEARING_ENTERED, at=now, actor=actor)
    audit_vacancy(session, vacancy, "vacancy_readvertised", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    return vacancy
