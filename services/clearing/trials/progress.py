"""Due work of placements: the first day, the reminders, and the confirmation when nobody has ended it (R42)."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM
from services.clearing.registrations.lifecycle import close_registration, move_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import get_registration
from services.clearing.registrations.rules import state_after_failed_trial
from services.clearing.registrations.states import RegistrationState
from services.clearing.trials import queries, rules
from services.clearing.trials.commands import contact_of, move_placement, note_placement
from services.clearing.trials.counting import count_saving
from services.clearing.trials.models import Placement
from services.clearing.trials.states import ENDED_EARLY, TrialState
from shared import outbox
from shared.calendar import local_date, local_instant
from shared.due_rows import do_each, not_held_back
from shared.events.clearing import PlacementConfirmed, TrialReminderDue, TrialStarted
from shared.vocabulary import Service

BATCH = 50
REMINDED_AT = time(9)


async def advance_placements(session: AsyncSession, now: datetime) -> int:
    """Due work: one step of each placement whose time has come, dated with that time."""
    among = not_held_back(advance_placements, Placement.id)
    person_of = dict(await queries.due_placements(session, now, BATCH, among=among))

    async def step(placement_id: UUID) -> None:
        # The person before the placement: the order in which everyone locks them.
        registration = await get_registration(session, person_of[placement_id], lock=True)
        placement = await queries.get_placement(session, placement_id, lock=True)
        if placement.due_at is not None and placement.due_at <= now:
            await _advance(session, placement, registration, now)

    return await do_each(session, advance_placements, list(person_of), step)


async def _advance(session: AsyncSession, placement: Placement, registration: Registration, now: datetime) -> None:
    assert placement.due_at is not None
    at = placement.due_at
    if placement.state in ENDED_EARLY:
        _go_on_without(session, placement, registration, at)
    elif placement.state is TrialState.RUNNING:
        await _remind_or_confirm(session, placement, registration, at, now)
    elif placement.kind is None:
        await _place(session, placement, registration, at)
    else:
        await _start(session, placement, registration, at)


def _go_on_without(session: AsyncSession, placement: Placement, registration: Registration, at: datetime) -> None:
    """R44: after an ended trial the person looks again while employment or notice remains."""
    placement.due_at = None
    state, closing = state_after_failed_trial(registration.employment_ends_on, local_date(at))
    if closing is None:
        move_registration(session, registration, state, by=SYSTEM, at=at)
    else:
        close_registration(session, registration, closing, by=SYSTEM, at=at)


async def _start(session: AsyncSession, placement: Placement, registration: Registration, at: datetime) -> None:
    move_placement(session, placement, TrialState.RUNNING, by=SYSTEM, at=at)
    move_registration(session, registration, RegistrationState.ON_TRIAL, by=SYSTEM, at=at)
    placement.due_at = _next_due(placement)
    event = TrialStarted(
        trial_id=placement.id,
        referral_id=placement.referral_id,
        vacancy_id=placement.vacancy_id,
        home_employer_id=placement.home_employer_id,
        gaining_employer_id=placement.gaining_employer_id,
        vacancy_title=placement.vacancy_title,
        starts_on=placement.starts_on,
        ends_on=_last_day(placement),
    )
    await outbox.record(session, event, now=at, sealed={Service.NOTIFICATIONS: contact_of(placement)})


async def _remind_or_confirm(
    session: AsyncSession, placement: Placement, registration: Registration, at: datetime, now: datetime
) -> None:
    ahead = _days_ahead(placement)
    if not ahead:
        move_placement(session, placement, TrialState.CONFIRMED, by=SYSTEM, at=at)
        move_registration(session, registration, RegistrationState.PLACED, by=SYSTEM, at=at)
        await _confirm(session, placement, registration, at)
        return
    placement.reminded_day = ahead[0]
    next_due = placement.due_at = _next_due(placement)
    # A reminder that the next step has overtaken says nothing any more (design section 8).
    if next_due > now:
        event = TrialReminderDue(
            trial_id=placement.id,
            vacancy_id=placement.vacancy_id,
            home_employer_id=placement.home_employer_id,
            gaining_employer_id=placement.gaining_employer_id,
            vacancy_title=placement.vacancy_title,
            day=ahead[0],
            ends_on=_last_day(placement),
        )
        await outbox.record(session, event, now=at, sealed={Service.NOTIFICATIONS: contact_of(placement)})


async def _place(session: AsyncSession, placement: Placement, registration: Registration, at: datetime) -> None:
    """Same terms, no trial: the first day is the confirmation."""
    before, placement.state, placement.state_since = placement.state, TrialState.CONFIRMED, at
    note_placement(session, placement, before, by=SYSTEM, at=at)
    move_registration(session, registration, RegistrationState.PLACED_NO_TRIAL, by=SYSTEM, at=at)
    move_registration(session, registration, RegistrationState.PLACED, by=SYSTEM, at=at)
    await _confirm(session, placement, registration, at)


async def _confirm(session: AsyncSession, placement: Placement, registration: Registration, at: datetime) -> None:
    placement.due_at = None
    event = PlacementConfirmed(
        referral_id=placement.referral_id,
        request_id=placement.request_id,
        vacancy_id=placement.vacancy_id,
        registration_id=placement.registration_id,
        home_employer_id=placement.home_employer_id,
        gaining_employer_id=placement.gaining_employer_id,
        vacancy_title=placement.vacancy_title,
        starts_on=placement.starts_on,
        confirmed_at=at,
    )
    await outbox.record(session, event, now=at, sealed={Service.NOTIFICATIONS: contact_of(placement)})
    await count_saving(session, placement, registration, at=at)


def _next_due(placement: Placement) -> datetime:
    """The next reminder's morning, or midnight after the last day."""
    last_day = _last_day(placement)
    for number, day in rules.alerts(placement.starts_on, last_day):
        if number > placement.reminded_day:
            return local_instant(day, REMINDED_AT)
    return rules.confirmed_at(last_day)


def _days_ahead(placement: Placement) -> list[int]:
    """Reminders that have not been passed."""
    days = rules.alerts(placement.starts_on, _last_day(placement))
    return [number for number, _ in days if number > placement.reminded_day]


def _last_day(placement: Placement) -> date:
    assert placement.ends_on is not None
    return placement.ends_on
