from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import Subject, Transition
from services.clearing.audit.rules import refuse_illegal
from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import is_redundancy
from services.clearing.registrations.states import ClosingReason
from services.clearing.trials import queries, rules
from services.clearing.trials.models import Placement
from services.clearing.trials.rules import NEXT_STATES, OfferFacts
from services.clearing.trials.states import TrialKind, TrialState
from shared import outbox
from shared.calendar import local_date, start_of_local_day
from shared.events.base import Contact
from shared.events.clearing import OpeningReturned, TrialEnded
from shared.vocabulary import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedOffer:
    """What a placement needs to know of the offer it comes from. Pay is annual full-time pence."""

    referral_id: UUID
    request_id: UUID
    vacancy_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    offered_on: date
    starts_on: date
    terms_differ: bool
    fte_pay_pence: int
    hours_hundredths: int


async def schedule_placement(
    session: AsyncSession, registration: Registration, offer: AcceptedOffer, *, by: Actor, now: datetime
) -> Placement:
    """From an accepted offer: with a trial of the kind that the law gives it (R38), or none on the same terms."""
    kind = trial_kind_of(registration, offer)
    placement = Placement(
        referral_id=offer.referral_id,
        request_id=offer.request_id,
        registration_id=registration.id,
        vacancy_id=offer.vacancy_id,
        home_employer_id=registration.home_employer_id,
        gaining_employer_id=offer.gaining_employer_id,
        vacancy_title=offer.vacancy_title,
        person_name=registration.name,
        person_email=registration.email,
        kind=kind,
        starts_on=offer.starts_on,
        ends_on=None if kind is None else rules.last_day(offer.starts_on),
        new_fte_pay_pence=offer.fte_pay_pence,
        new_hours_hundredths=offer.hours_hundredths,
        state_since=now,
        due_at=start_of_local_day(offer.starts_on),
    )
    session.add(placement)
    note_placement(session, placement, None, by=by, at=now)
    return placement


async def end_trial_by_council(
    session: AsyncSession, placement_id: UUID, to: TrialState, *, reason: str, by: Actor, now: datetime
) -> Placement:
    """The gaining council ends it; that the employee did may be recorded by either. Raises NotYourDecision."""
    placement = await queries.get_placement(session, placement_id)
    if to is TrialState.ENDED_BY_EMPLOYER or placement.home_employer_id not in by.employer_ids:
        by.must_act_for(placement.gaining_employer_id)
    return await end_trial(session, placement_id, to, reason=reason, by=by, now=now)


async def end_trial(
    session: AsyncSession,
    placement_id: UUID,
    to: TrialState,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> Placement:
    """By the employee or by the gaining council, in time: the person is as if dismissed on the original date (R41).

    What becomes of the registration, which the gaining council never sees, follows as due work within a second.
    Raises IllegalTransition, TrialOver.
    """
    placement = await queries.get_placement(session, placement_id, lock=True)
    today = local_date(now)
    if placement.ends_on is not None:
        rules.require_end_in_time(placement.ends_on, today)
    move_placement(session, placement, to, by=by, at=now)
    placement.due_at, placement.ended_on, placement.end_reason = now, today, reason
    placement.ended_by = by.staff_id
    await _tell_end(session, placement, to, at=now)
    return placement


async def leave_placements(
    session: AsyncSession, registration_id: UUID, reason: ClosingReason, *, by: Actor, at: datetime
) -> Sequence[Placement]:
    """The person leaves the register: whatever post they were on their way to is free again, and nothing of it is due.

    The registration is the caller's to close, in this transaction and locked before. Returns what this cancelled
    before its first day; a trial that was running is told of as ended.
    """
    cancelled = []
    for placement in await queries.open_placements_of(session, registration_id):
        if placement.state in rules.LIVE_STATES:
            to = rules.state_when_leaving(placement.state, reason)
            move_placement(session, placement, to, by=by, at=at)
            placement.ended_on, placement.end_reason, placement.ended_by = local_date(at), reason.value, by.staff_id
            if to is TrialState.CANCELLED:
                await _return_opening(session, placement, "withdrawn", at=at)
                cancelled.append(placement)
            else:
                is_unmailed = reason is ClosingReason.DIED
                await _tell_end(session, placement, to, at=at, is_unmailed=is_unmailed)
        placement.due_at = None
    return cancelled


def trial_kind_of(registration: Registration, offer: AcceptedOffer) -> TrialKind | None:
    """R38. Without a date on which the old job ends there is no notice, so the trial is contractual."""
    facts = OfferFacts(
        notice_given=registration.notice_given_on is not None and is_redundancy(registration.reason),
        offered_on=offer.offered_on,
        employment_ends_on=registration.employment_ends_on or offer.starts_on,
        starts_on=offer.starts_on,
        terms_differ=offer.terms_differ,
    )
    return rules.trial_kind(facts)


def move_placement(session: AsyncSession, placement: Placement, to: TrialState, *, by: Actor, at: datetime) -> None:
    """Raises IllegalTransition."""
    refuse_illegal(NEXT_STATES, placement.state, to)
    before, placement.state, placement.state_since = placement.state, to, at
    placement.version += 1
    note_placement(session, placement, before, by=by, at=at)


def note_placement(
    session: AsyncSession, placement: Placement, before: TrialState | None, *, by: Actor, at: datetime
) -> None:
    session.add(
        Transition(
            subject=Subject.TRIAL,
            subject_id=placement.id,
            from_state=before,
            to_state=placement.state,
            happened_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            home_employer_id=placement.home_employer_id,
            gaining_employer_id=placement.gaining_employer_id,
            registration_id=placement.registration_id,
        )
    )


def contact_of(placement: Placement) -> Contact:
    return Contact(name=placement.person_name, email=placement.person_email)


async def _tell_end(
    session: AsyncSession, placement: Placement, to: TrialState, *, at: datetime, is_unmailed: bool = False
) -> None:
    ended = TrialEnded(
        trial_id=placement.id,
        referral_id=placement.referral_id,
        vacancy_id=placement.vacancy_id,
        home_employer_id=placement.home_employer_id,
        gaining_employer_id=placement.gaining_employer_id,
        vacancy_title=placement.vacancy_title,
        ended_on=local_date(at),
        ended_by="employee" if to is TrialState.ENDED_BY_EMPLOYEE else "employer",
        is_unmailed=is_unmailed,
    )
    await outbox.record(session, ended, now=at, sealed={Service.NOTIFICATIONS: contact_of(placement)})
    await _return_opening(session, placement, "trial_failed", at=at)


async def _return_opening(
    session: AsyncSession, placement: Placement, reason: Literal["withdrawn", "trial_failed"], *, at: datetime
) -> None:
    returned = OpeningReturned(
        vacancy_id=placement.vacancy_id,
        gaining_employer_id=placement.gaining_employer_id,
        request_id=placement.request_id,
        referral_id=placement.referral_id,
        reason=reason,
    )
    await outbox.record(session, returned, now=at)
