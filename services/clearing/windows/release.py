"""Due work of clearing windows: closing them, and releasing their vacancies by the rules alone (R19, R20)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.matching.commands import end_matches, match_vacancy, share_matching
from services.clearing.matching.queries import suggested_matches_of_window
from services.clearing.matching.states import MatchState
from services.clearing.referrals.closing import close_referrals
from services.clearing.referrals.queries import live_referrals_of_vacancy
from services.clearing.vacancy_mirror import queries as vacancies
from services.clearing.vacancy_mirror import rules
from services.clearing.vacancy_mirror.models import Window
from services.clearing.vacancy_mirror.rules import WindowPolicy
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowState
from services.clearing.windows import queries
from services.clearing.windows.lifecycle import move_window, release_window
from services.clearing.windows.reopening import reopen_window
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back

BATCH = 50
REVIEW_OF = {
    WindowState.WINDOW: WindowState.REVIEW,
    WindowState.INTERNAL_WINDOW: WindowState.INTERNAL_REVIEW,
    WindowState.REGIONAL_WINDOW: WindowState.REGIONAL_REVIEW,
}


async def advance_windows(session: AsyncSession, now: datetime) -> int:
    """Due work: close windows whose time is over, and release those that nobody answers or nobody fitted."""
    await share_matching(session)
    due = await queries.due_windows(session, now, BATCH, among=not_held_back(advance_windows, Window.id))

    async def step(window_id: UUID) -> None:
        window = await vacancies.lock_window(session, window_id)
        if window.due_at is not None and window.due_at <= now:
            await _advance(session, window, at=window.due_at)

    return await do_each(session, advance_windows, due, step)


async def release_answered_windows(session: AsyncSession, now: datetime) -> int:
    """Due work: release reviews in which everybody has an answer, as of the last answer (R19) or the morning after
    the close, whichever is later (R20).

    The same for clearances that a duty took back, once HR has said how the duty ended (R12).
    """
    among = not_held_back(release_answered_windows, Window.id)
    answered = await queries.answered_windows(session, BATCH, among=among)

    async def step(window_id: UUID) -> None:
        found = await queries.find_answered(session, window_id)
        if found is not None:
            window, last_answer_at = found
            await _release_answered(session, window, last_answer_at, now=now)

    return await do_each(session, release_answered_windows, answered, step)


async def _advance(session: AsyncSession, window: Window, *, at: datetime) -> None:
    if window.state is WindowState.INTERNAL_REVIEW:
        await _open_regional(session, window, at=at)
    elif window.state is WindowState.FILLED:
        await reopen_window(session, window, at=at)
    elif window.state in REVIEW_OF:
        await _close(session, window, at=at)
    else:
        await _release_when_answered(session, window, at=at)


async def _close(session: AsyncSession, window: Window, *, at: datetime) -> None:
    """The last second of a window, or the morning after nobody fitted (R20)."""
    nobody_fitted = window.fitted == 0 and at < window.closes_at
    move_window(session, window, REVIEW_OF[window.state], at=at)
    await end_matches(session, await suggested_matches_of_window(session, window.id), MatchState.EXPIRED, at=at)
    if nobody_fitted:
        await _release_when_answered(session, window, at=at)
        return
    is_answered = not rules.unanswered(await queries.interests_in(session, window))
    if window.state is WindowState.INTERNAL_REVIEW or is_answered:
        window.due_at = rules.release_after_close(window.closes_at)


async def _release_when_answered(session: AsyncSession, window: Window, *, at: datetime) -> None:
    """The morning has come. Whoever waits, or an open duty (R12), still blocks: then the review waits for people."""
    interests = await queries.interests_in(session, window)
    if rules.unanswered(interests):
        window.due_at = None
        return
    await _release(session, window, rules.release_reason(matched=window.matched, interests=interests), at=at)


async def _release_answered(
    session: AsyncSession, window: Window, last_answer_at: datetime | None, *, now: datetime
) -> None:
    if window.revoked_at is not None:
        at = max(window.revoked_at, last_answer_at or window.revoked_at)
        await _release(session, window, ReleaseReason.ALL_OUTCOMES_GIVEN, at=at)
        return
    at = max(rules.release_after_close(window.closes_at, last_answer_at), window.state_since)
    if at > now:
        window.due_at = at
    else:
        await _release_when_answered(session, window, at=at)


async def _release(session: AsyncSession, window: Window, reason: ReleaseReason, *, at: datetime) -> None:
    """Released, unless our own accepted offers have taken every opening: then there is nothing to advertise."""
    vacancy = await vacancies.get_vacancy(session, window.vacancy_id)
    if await queries.openings_left(session, vacancy) > 0:
        await release_window(session, window, reason, at=at)
        return
    if window.state is not WindowState.RELEASED:
        move_window(session, window, WindowState.FILLED, at=at)
    window.revoked_at = None
    await close_referrals(session, await live_referrals_of_vacancy(session, window.vacancy_id), at=at)


async def _open_regional(session: AsyncSession, window: Window, *, at: datetime) -> None:
    """R16, in sequence: the region's turn, on the working day after the home council's."""
    vacancy = await vacancies.get_vacancy(session, window.vacancy_id)
    if await queries.openings_left(session, vacancy) == 0:
        move_window(session, window, WindowState.FILLED, at=at)
        return
    policy = await vacancies.policy_on(session, window.employer_id, local_date(window.opened_at))
    opening = rules.open_regional_window(
        WindowPolicy(policy.window_order, policy.window_working_days), window.closes_at
    )
    move_window(session, window, opening.state, at=at)
    window.closes_at = window.due_at = opening.closes_at
    found = await match_vacancy(session, window, vacancy, at=at)
    window.matched += len(found.matches)
    window.fitted = window.matched
    if window.matched == 0:
        window.due_at = rules.release_when_nobody_matched(at)
