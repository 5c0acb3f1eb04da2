"""What is put before the council of a vacancy: outcomes that are late (R19), and a choice that only it can make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.vacancy_mirror import queries as vacancies
from services.clearing.vacancy_mirror import rules
from services.clearing.vacancy_mirror.models import Vacancy, Window
from services.clearing.windows import queries
from services.clearing.windows.reopening import may_reopen
from shared import outbox
from shared.due_rows import do_each, not_held_back
from shared.events.base import Contact, Event
from shared.events.clearing_tasks import OutcomesWanted, ReopeningChoiceWanted
from shared.outbox import Telling
from shared.registry import StaffMember, find_staff, staff_with_role
from shared.vocabulary import Role, Service

BATCH = 50


async def alert_overdue_outcomes(session: AsyncSession, now: datetime) -> int:
    """Due work: once for each window whose five working days are over while people wait for the council (R19)."""
    among = not_held_back(alert_overdue_outcomes, Window.id)
    closed_before = rules.outcomes_overdue_since(now)
    late = await queries.windows_without_outcomes(session, closed_before, BATCH, among=among)

    async def step(window_id: UUID) -> None:
        window = await vacancies.lock_window(session, window_id)
        waiting = await queries.count_awaiting_council(session, window.vacancy_id)
        if window.outcomes_alerted_at is None and waiting:
            vacancy = await vacancies.get_vacancy(session, window.vacancy_id)
            due_at = window.outcomes_alerted_at = rules.outcome_due_at(window.closes_at)
            event = OutcomesWanted(
                window_id=window.id,
                vacancy_id=vacancy.id,
                gaining_employer_id=vacancy.employer_id,
                vacancy_title=vacancy.title,
                due_at=due_at,
                waiting=waiting,
            )
            await _ask_council(session, event, vacancy, at=due_at)

    return await do_each(session, alert_overdue_outcomes, late, step)


async def ask_for_choice(session: AsyncSession, vacancy: Vacancy, window: Window, *, at: datetime) -> None:
    """Once, where an opening of a filled vacancy has come back: without its council nothing goes on."""
    if window.choice_asked_at is not None or not await may_reopen(session, vacancy, window):
        return
    window.choice_asked_at = at
    event = ReopeningChoiceWanted(
        window_id=window.id,
        vacancy_id=vacancy.id,
        gaining_employer_id=vacancy.employer_id,
        vacancy_title=vacancy.title,
    )
    await _ask_council(session, event, vacancy, at=at)


async def _ask_council(session: AsyncSession, event: Event, vacancy: Vacancy, *, at: datetime) -> None:
    tellings = [
        Telling(event, {Service.NOTIFICATIONS: Contact(name=person.name, email=person.email)})
        for person in await _deciders(session, vacancy)
    ]
    await outbox.record_all(session, tellings, now=at)


async def _deciders(session: AsyncSession, vacancy: Vacancy) -> Sequence[StaffMember]:
    """The hiring manager and the council's HR; WME's coordinators stand in where it has neither here."""
    found = {person.id: person for person in await staff_with_role(session, Role.COUNCIL_HR, vacancy.employer_id)}
    if vacancy.hiring_manager_id is not None:
        manager = await find_staff(session, vacancy.hiring_manager_id)
        if manager is not None and manager.is_active:
            found[manager.id] = manager
    return [*found.values()] or await staff_with_role(session, Role.WME_COORDINATOR, vacancy.employer_id)
