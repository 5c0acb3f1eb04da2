"""When a clearing window opens and closes, and when its vacancy may go to advert (R16-R21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.clearing.vacancy_mirror.states import ReleaseReason, WindowOrder, WindowState
from shared.calendar import (
    add_working_days,
    close_of_window,
    local_date,
    next_working_morning,
    start_of_local_day,
    working_days_between,
)
from shared.errors import DomainError, Invalid

DEFAULT_WORKING_DAYS = 5
FEWEST_WORKING_DAYS, MOST_WORKING_DAYS = 3, 10
OUTCOME_WORKING_DAYS = 5
INTERVIEW_WORKING_DAYS = 10

_S = WindowState
_AFTER = frozenset({_S.RELEASED, _S.FILLED})
_ANY_TIME = frozenset({_S.FILLED, _S.WITHDRAWN, _S.ON_HOLD, _S.SUPERSEDED})
HOLDABLE = frozenset(
    {
        _S.WINDOW,
        _S.REVIEW,
        _S.INTERNAL_WINDOW,
        _S.INTERNAL_REVIEW,
        _S.REGIONAL_WINDOW,
        _S.REGIONAL_REVIEW,
    }
)
NEXT_STATES: dict[WindowState, frozenset[WindowState]] = {
    _S.WINDOW: frozenset({_S.REVIEW}) | _ANY_TIME,
    _S.REVIEW: _AFTER | _ANY_TIME,
    _S.INTERNAL_WINDOW: frozenset({_S.INTERNAL_REVIEW}) | _ANY_TIME,
    _S.INTERNAL_REVIEW: frozenset({_S.REGIONAL_WINDOW, _S.RELEASED}) | _ANY_TIME,
    _S.REGIONAL_WINDOW: frozenset({_S.REGIONAL_REVIEW}) | _ANY_TIME,
    _S.REGIONAL_REVIEW: _AFTER | _ANY_TIME,
    _S.EXEMPT: frozenset({_S.RELEASED}),
    _S.ON_HOLD: HOLDABLE | {_S.WITHDRAWN, _S.SUPERSEDED},
    _S.FILLED: frozenset({_S.REGIONAL_REVIEW}),
}
"""Section 2, where a part-filled window is one that goes on with the openings left. ON_HOLD returns only to the state
it left. A material change (R21) supersedes the window, and a new one opens; so does the regional window that a filled
vacancy gets once, after a failed trial. Without it the council chooses the review, which releases. INTERNAL_REVIEW
releases where nobody in the whole region fits (R20). A state without an entry is terminal."""


class WindowMoveIllegal(DomainError):
    code = "illegal_move"
    title = "The window's state does not allow this"


class WindowDaysNotAllowed(Invalid):
    code = "window_days_not_allowed"
    title = "A window lasts 3 to 10 working days"


@dataclass(frozen=True, slots=True)
class WindowPolicy:
    """R16: the order of the windows and the working days of each. Raises WindowDaysNotAllowed outside 3 to 10."""

    order: WindowOrder = WindowOrder.CONCURRENT
    working_days: int = DEFAULT_WORKING_DAYS

    def __post_init__(self) -> None:
        if not FEWEST_WORKING_DAYS <= self.working_days <= MOST_WORKING_DAYS:
            raise WindowDaysNotAllowed(field="working_days")


@dataclass(frozen=True, slots=True)
class Opening:
    """A window as it opens: `closes_at` is its last second; rings say who may answer in it."""

    state: WindowState
    opened_at: datetime
    closes_at: datetime
    rings: frozenset[int]


@dataclass(frozen=True, slots=True)
class Interest:
    """One expression of interest, or one duty to offer (R12), as the guard of R19 sees it. A pending interview is no
    outcome. `referral_id` is the referral's or the duty's.
    """

    referral_id: UUID
    is_eligible: bool
    has_outcome: bool


def open_window(policy: WindowPolicy, opened_at: datetime) -> Opening:
    """R16, R17: the first window of a vacancy: both at once, or the home council's."""
    closes_at = close_of_window(opened_at, policy.working_days)
    if policy.order is WindowOrder.CONCURRENT:
        return Opening(WindowState.WINDOW, opened_at, closes_at, frozenset({0, 1, 2}))
    return Opening(WindowState.INTERNAL_WINDOW, opened_at, closes_at, frozenset({0}))


def open_regional_window(policy: WindowPolicy, internal_closes_at: datetime) -> Opening:
    """R16: in sequence, the region's window opens at 07:00 on the working day after the internal one closed.

    Ring 0 stays ahead in it. Not to be opened when the openings are exhausted.
    """
    opened_at = next_working_morning(internal_closes_at)
    closes_at = close_of_window(opened_at, policy.working_days)
    return Opening(WindowState.REGIONAL_WINDOW, opened_at, closes_at, frozenset({0, 1, 2}))


def reopen_after_failed_trial(policy: WindowPolicy, reopened_at: datetime, *, was_reopened: bool) -> Opening:
    """FILLED goes back to the region's window once, with fresh working days, when the council chooses so."""
    if was_reopened:
        raise WindowMoveIllegal("A filled vacancy reopens once.")
    closes_at = close_of_window(reopened_at, policy.working_days)
    return Opening(WindowState.REGIONAL_WINDOW, reopened_at, closes_at, frozenset({0, 1, 2}))


def release_when_nobody_matched(opened_at: datetime) -> datetime:
    """R20: no live registration passes the hard constraints at opening: 07:00 London on the next working day."""
    return next_working_morning(opened_at)


def release_after_close(closes_at: datetime, last_outcome_at: datetime | None = None) -> datetime:
    """R20, R19: 07:00 London on the working day after the close, or the last outcome where that came later."""
    morning = next_working_morning(closes_at)
    return morning if last_outcome_at is None else max(morning, last_outcome_at)


def release_reason(*, matched: int, interests: Iterable[Interest]) -> ReleaseReason:
    """Why a vacancy that may be released is: nobody matched, nobody eligible was interested, or all were answered."""
    if any(interest.is_eligible for interest in interests):
        return ReleaseReason.ALL_OUTCOMES_GIVEN
    return ReleaseReason.NO_ELIGIBLE_INTEREST if matched else ReleaseReason.NOBODY_MATCHED


def unanswered(interests: Iterable[Interest]) -> tuple[UUID, ...]:
    """Referrals that block release: eligible and without an outcome (R19)."""
    return tuple(interest.referral_id for interest in interests if interest.is_eligible and not interest.has_outcome)


def outcome_due_at(closes_at: datetime) -> datetime:
    """R19: the manager answers within five working days of the close."""
    return close_of_window(closes_at, OUTCOME_WORKING_DAYS)


def outcomes_overdue_since(now: datetime) -> datetime:
    """R19: whatever closed before this instant has had its five working days."""
    today = closed_on = local_date(now)
    while add_working_days(closed_on, OUTCOME_WORKING_DAYS) >= today:
        closed_on -= timedelta(days=1)
    return start_of_local_day(closed_on + timedelta(days=1))


def interview_due_at(closes_at: datetime) -> datetime:
    """R30: an interview is offered within ten working days of the close."""
    return close_of_window(closes_at, INTERVIEW_WORKING_DAYS)


def working_days_left(closes_at: datetime, held_at: datetime) -> int:
    """Working days a window still had when it was put on hold."""
    return working_days_between(local_date(held_at), local_date(closes_at))


def close_after_hold(resumed_at: datetime, days_left: int) -> datetime:
    """The day of resuming is day 0 of the working days that were left."""
    return close_of_window(resumed_at, days_left)


def require_move(state: WindowState, to: WindowState, *, held_from: WindowState | None = None) -> None:
    """Raises WindowMoveIllegal for a move that section 2 does not list, or from hold to another state than it left."""
    if to not in NEXT_STATES.get(state, frozenset()):
        raise WindowMoveIllegal(f"A window in state {state.value} cannot become {to.value}.")
    if state is WindowState.ON_HOLD and to in HOLDABLE and to is not held_from:
        raise WindowMoveIllegal("A window on hold goes back to the state it left.")
