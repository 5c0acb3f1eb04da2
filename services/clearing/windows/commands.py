"""What a change of a vacancy at ats means for its clearing window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.matching.commands import end_matches, match_vacancy, postpone_matches, share_matching
from services.clearing.matching.queries import live_matches_of_window
from services.clearing.matching.states import MatchState
from services.clearing.referrals.closing import close_referrals, move_to_new_window
from services.clearing.referrals.queries import live_referrals_of_vacancy
from services.clearing.vacancy_mirror import queries, rules
from services.clearing.vacancy_mirror.commands import mirror_vacancy
from services.clearing.vacancy_mirror.models import Vacancy, Window
from services.clearing.vacancy_mirror.rules import WindowPolicy
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowOrder, WindowState
from services.clearing.windows.alerts import ask_for_choice
from services.clearing.windows.lifecycle import move_window, note_opened, note_window, release_window
from services.clearing.windows.queries import interests_in
from shared.calendar import local_date
from shared.events.ats import VacancyChanged
from shared.vocabulary import VacancyState

ENDED = frozenset({VacancyState.CANCELLED, VacancyState.FILLED, VacancyState.UNFILLED})


async def hear_vacancy(session: AsyncSession, event: VacancyChanged, *, occurred_at: datetime) -> None:
    """Bring our copy up to date, and the vacancy's window with it. An older version changes nothing."""
    await share_matching(session)
    vacancy = await mirror_vacancy(session, event)
    if vacancy is None:
        return
    windows = await queries.windows_of(session, vacancy.id, lock=True)
    current = next((each for each in reversed(windows) if each.content_version == vacancy.content_version), None)
    if vacancy.state is VacancyState.IN_CLEARING:
        if current is None:
            await _open_first_or_restart(session, vacancy, windows, occurred_at)
        elif current.state is WindowState.ON_HOLD:
            await resume_window(session, current, at=occurred_at)
    elif vacancy.state is VacancyState.ON_HOLD and current is not None and current.state in rules.HOLDABLE:
        hold_window(session, current, at=occurred_at)
    elif vacancy.state is not VacancyState.ON_HOLD:
        await _end_running(session, vacancy, windows, occurred_at)
    if vacancy.openings_remaining == 0 or vacancy.state in ENDED:
        await _end_everything(session, vacancy, windows, occurred_at)
    elif current is not None:
        await ask_for_choice(session, vacancy, current, at=occurred_at)


async def _open_first_or_restart(
    session: AsyncSession, vacancy: Vacancy, windows: Sequence[Window], occurred_at: datetime
) -> None:
    """R16, R21. The instant follows from the vacancy, not from the order in which its versions came."""
    known = [at for at in (vacancy.entered_clearing_at, vacancy.content_changed_at) if at is not None]
    if not known or (windows and vacancy.content_changed_at is None):
        known.append(occurred_at)
    await open_window(session, vacancy, windows, at=max(known))


async def open_window(session: AsyncSession, vacancy: Vacancy, earlier: Sequence[Window], *, at: datetime) -> Window:
    """Open the window of the vacancy's present content and suggest it to everyone who fits, in this transaction."""
    # Referrals before matches: the order in which everyone locks them.
    referrals = await live_referrals_of_vacancy(session, vacancy.id)
    window = await _new_window(session, vacancy, at)
    for each in earlier:
        await _supersede(session, each, at)
    if vacancy.clearing_exemption is not None:
        await release_window(session, window, ReleaseReason.EXEMPT, at=at)
        return window
    interested = frozenset(referral.registration_id for referral in referrals)
    found = await match_vacancy(session, window, vacancy, at=at, interested=interested)
    await move_to_new_window(session, referrals, found.matches, window, at=at)
    await note_opened(session, window, found, at=at)
    return window


async def _new_window(session: AsyncSession, vacancy: Vacancy, at: datetime) -> Window:
    policy = await queries.policy_on(session, vacancy.employer_id, local_date(at))
    opening = rules.open_window(WindowPolicy(policy.window_order, policy.window_working_days), at)
    is_exempt = vacancy.clearing_exemption is not None
    window = Window(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        content_version=vacancy.content_version,
        state=WindowState.EXEMPT if is_exempt else opening.state,
        order=WindowOrder(policy.window_order),
        opened_at=at,
        closes_at=at if is_exempt else opening.closes_at,
        state_since=at,
        due_at=None if is_exempt else opening.closes_at,
    )
    session.add(window)
    note_window(session, window, None, at=at)
    await session.flush()
    return window


async def _supersede(session: AsyncSession, window: Window, at: datetime) -> None:
    """R21: what was suggested for the old content no longer stands."""
    if window.state in queries.RUNNING:
        move_window(session, window, WindowState.SUPERSEDED, at=at)
    window.revoked_at = None
    await end_matches(session, await live_matches_of_window(session, window.id), MatchState.SUPERSEDED, at=at)


def hold_window(session: AsyncSession, window: Window, *, at: datetime) -> None:
    """The clock stops; what is left of it is kept in working days."""
    window.held_from = window.state
    window.working_days_left = rules.working_days_left(window.closes_at, at) if window.closes_at > at else None
    move_window(session, window, WindowState.ON_HOLD, at=at)


async def resume_window(session: AsyncSession, window: Window, *, at: datetime) -> None:
    """The day of resuming is day 0 of the working days that were left."""
    assert window.held_from is not None
    if window.working_days_left is not None:
        window.closes_at = rules.close_after_hold(at, window.working_days_left)
        await postpone_matches(session, window)
    move_window(session, window, window.held_from, at=at)
    window.due_at = await _due_after_hold(session, window, at)
    window.held_from = window.working_days_left = None


async def _due_after_hold(session: AsyncSession, window: Window, at: datetime) -> datetime | None:
    if window.state in queries.OPEN:
        return window.closes_at if window.fitted else rules.release_when_nobody_matched(at)
    if window.state is not WindowState.INTERNAL_REVIEW and rules.unanswered(await interests_in(session, window)):
        return None
    return max(at, rules.release_after_close(window.closes_at))


async def _end_running(session: AsyncSession, vacancy: Vacancy, windows: Sequence[Window], at: datetime) -> None:
    """The vacancy left clearing without our release: cancelled, filled, or back to its draft."""
    for window in windows:
        if window.state not in queries.RUNNING:
            continue
        is_filled = vacancy.state is VacancyState.FILLED and window.state is not WindowState.ON_HOLD
        move_window(session, window, WindowState.FILLED if is_filled else WindowState.WITHDRAWN, at=at)
        await close_referrals(session, await live_referrals_of_vacancy(session, vacancy.id), at=at)
        await end_matches(session, await live_matches_of_window(session, window.id), MatchState.VOID, at=at)


async def _end_everything(session: AsyncSession, vacancy: Vacancy, windows: Sequence[Window], at: datetime) -> None:
    """No opening is left, or none ever will be: whoever still waits is told (VACANCY_CLOSED)."""
    await close_referrals(session, await live_referrals_of_vacancy(session, vacancy.id), at=at)
    for window in windows:
        if window.state in queries.RUNNING and window.state is not WindowState.ON_HOLD:
            move_window(session, window, WindowState.FILLED, at=at)
        window.revoked_at = None
        await end_matches(session, await live_matches_of_window(session, window.id), MatchState.VOID, at=at)
