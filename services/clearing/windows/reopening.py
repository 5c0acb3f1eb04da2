"""A filled vacancy whose trial failed: the council chooses a fresh regional window, once, or the way to its advert."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.matching.commands import match_vacancy
from services.clearing.vacancy_mirror import queries as vacancies
from services.clearing.vacancy_mirror import rules
from services.clearing.vacancy_mirror.models import Vacancy, Window
from services.clearing.vacancy_mirror.rules import WindowPolicy
from services.clearing.vacancy_mirror.states import WindowOrder, WindowState
from services.clearing.windows import queries
from services.clearing.windows.lifecycle import move_window, note_opened, note_window
from services.clearing.windows.schemas import Choice
from shared.calendar import local_date
from shared.errors import DomainError
from shared.vocabulary import VacancyState


class NothingToReopen(DomainError):
    code: ClassVar[str] = "nothing_to_reopen"
    title: ClassVar[str] = "This vacancy is not one that was filled and has an opening again"


async def reopen_vacancy(session: AsyncSession, vacancy_id: UUID, choice: Choice, *, by: Actor, now: datetime) -> None:
    """Either choice takes effect as due work within a second, because the council sees neither people nor duties.

    Raises VacancyUnknown, NotYourDecision, NothingToReopen, WindowMoveIllegal where it has been reopened before.
    """
    vacancy = await vacancies.get_vacancy(session, vacancy_id)
    by.must_act_for(vacancy.employer_id)
    window = await vacancies.current_window(session, vacancy, lock=True)
    if window is None or not await may_reopen(session, vacancy, window):
        raise NothingToReopen
    window.choice_asked_at = None
    if choice == "release":
        # The review releases once nobody waits and no duty is open (R19).
        move_window(session, window, WindowState.REGIONAL_REVIEW, at=now)
    else:
        rules.reopen_after_failed_trial(WindowPolicy(), now, was_reopened=window.round > 1)
        window.due_at = now


async def may_reopen(session: AsyncSession, vacancy: Vacancy, window: Window) -> bool:
    """Filled here, still in clearing at ats, with an opening that came back, and nothing chosen yet."""
    is_filled = window.state is WindowState.FILLED and vacancy.state is VacancyState.IN_CLEARING
    return is_filled and window.due_at is None and await queries.openings_left(session, vacancy) > 0


async def reopen_window(session: AsyncSession, filled: Window, *, at: datetime) -> None:
    """Open the region's window again for a vacancy that still needs somebody; whoever tried the post is left out."""
    filled.due_at = None
    vacancy = await vacancies.get_vacancy(session, filled.vacancy_id)
    latest = await vacancies.current_window(session, vacancy)
    if latest is not filled or not await may_reopen(session, vacancy, filled):
        return
    policy = await vacancies.policy_on(session, vacancy.employer_id, local_date(at))
    opening = rules.reopen_after_failed_trial(
        WindowPolicy(policy.window_order, policy.window_working_days), at, was_reopened=filled.round > 1
    )
    window = Window(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        content_version=vacancy.content_version,
        round=filled.round + 1,
        state=opening.state,
        order=WindowOrder(policy.window_order),
        opened_at=at,
        closes_at=opening.closes_at,
        state_since=at,
        due_at=opening.closes_at,
    )
    session.add(window)
    note_window(session, window, None, at=at)
    await session.flush()
    tried = await queries.people_who_tried(session, vacancy.id)
    await note_opened(session, window, await match_vacancy(session, window, vacancy, at=at, leave_out=tried), at=at)
