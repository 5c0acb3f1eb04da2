from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.clearing.vacancy_mirror import rules
from services.clearing.vacancy_mirror.rules import (
    Interest,
    WindowDaysNotAllowed,
    WindowMoveIllegal,
    WindowPolicy,
)
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowOrder, WindowState

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
MONDAYS_CLOSE = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
IN_SEQUENCE = WindowPolicy(order=WindowOrder.SEQUENTIAL)


def interest(*, is_eligible: bool = True, has_outcome: bool = False) -> Interest:
    return Interest(UUID(int=1), is_eligible, has_outcome)


def test_r16_both_windows_open_together_for_five_working_days_by_default() -> None:
    opened = rules.open_window(WindowPolicy(), MONDAY)
    assert (opened.state, opened.closes_at, opened.rings) == (WindowState.WINDOW, MONDAYS_CLOSE, {0, 1, 2})


def test_r16_in_sequence_the_home_council_comes_first_and_stays_ahead() -> None:
    internal = rules.open_window(IN_SEQUENCE, MONDAY)
    assert (internal.state, internal.closes_at, internal.rings) == (WindowState.INTERNAL_WINDOW, MONDAYS_CLOSE, {0})
    regional = rules.open_regional_window(IN_SEQUENCE, internal.closes_at)
    assert regional.state is WindowState.REGIONAL_WINDOW
    assert regional.opened_at == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert regional.closes_at == datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)
    assert regional.rings == {0, 1, 2}


@pytest.mark.parametrize("days", [0, 2, 11])
def test_r16_a_window_lasts_three_to_ten_working_days(days: int) -> None:
    with pytest.raises(WindowDaysNotAllowed):
        WindowPolicy(working_days=days)
    assert rules.open_window(WindowPolicy(working_days=3), MONDAY).closes_at == datetime(
        2026, 11, 19, 23, 59, 59, tzinfo=UTC
    )


def test_r20_a_vacancy_that_matched_nobody_is_released_next_working_morning() -> None:
    assert rules.release_when_nobody_matched(MONDAY) == datetime(2026, 11, 17, 7, tzinfo=UTC)
    friday = datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert rules.release_when_nobody_matched(friday) == datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_r20_without_interest_it_is_released_on_the_morning_after_the_close() -> None:
    assert rules.release_after_close(MONDAYS_CLOSE) == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_r19_a_later_outcome_releases_when_it_is_given_and_an_earlier_one_waits_for_the_morning() -> None:
    late = datetime(2026, 11, 26, 14, tzinfo=UTC)
    assert rules.release_after_close(MONDAYS_CLOSE, late) == late
    assert rules.release_after_close(MONDAYS_CLOSE, MONDAY) == datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("matched", "interests", "reason"),
    [
        (0, [], ReleaseReason.NOBODY_MATCHED),
        (3, [], ReleaseReason.NO_ELIGIBLE_INTEREST),
        (3, [interest(is_eligible=False)], ReleaseReason.NO_ELIGIBLE_INTEREST),
        (3, [interest(has_outcome=True)], ReleaseReason.ALL_OUTCOMES_GIVEN),
        (0, [interest(has_outcome=True)], ReleaseReason.ALL_OUTCOMES_GIVEN),
    ],
)
def test_a_release_says_why(matched: int, interests: list[Interest], reason: ReleaseReason) -> None:
    assert rules.release_reason(matched=matched, interests=interests) is reason


def test_r19_r30_answers_are_due_in_five_and_interviews_in_ten_working_days_of_the_close() -> None:
    assert rules.outcome_due_at(MONDAYS_CLOSE) == datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    assert rules.interview_due_at(MONDAYS_CLOSE) == datetime(2026, 12, 7, 23, 59, 59, tzinfo=UTC)


def test_on_hold_the_clock_stops_and_the_day_of_resuming_is_day_nought() -> None:
    held_at = datetime(2026, 11, 18, 15, tzinfo=UTC)
    left = rules.working_days_left(MONDAYS_CLOSE, held_at)
    assert left == 3
    assert rules.close_after_hold(datetime(2026, 12, 23, 9, tzinfo=UTC), left) == datetime(
        2026, 12, 30, 23, 59, 59, tzinfo=UTC
    )


def test_held_on_its_last_day_a_window_closes_at_the_end_of_the_day_it_resumes() -> None:
    assert rules.working_days_left(MONDAYS_CLOSE, MONDAYS_CLOSE) == 0
    assert rules.close_after_hold(MONDAY, 0) == datetime(2026, 11, 16, 23, 59, 59, tzinfo=UTC)


def test_a_filled_vacancy_reopens_once_after_a_failed_trial() -> None:
    reopened = rules.reopen_after_failed_trial(WindowPolicy(), MONDAY, was_reopened=False)
    assert (reopened.state, reopened.closes_at) == (WindowState.REGIONAL_WINDOW, MONDAYS_CLOSE)
    assert reopened.rings == {0, 1, 2}
    with pytest.raises(WindowMoveIllegal):
        rules.reopen_after_failed_trial(WindowPolicy(), MONDAY, was_reopened=True)


ANY_TIME = "filled withdrawn on_hold superseded"
OPEN = "window review internal_window internal_review regional_window regional_review"
LEGAL = {
    "window": f"review {ANY_TIME}",
    "review": f"released {ANY_TIME}",
    "internal_window": f"internal_review {ANY_TIME}",
    "internal_review": f"regional_window released {ANY_TIME}",
    "regional_window": f"regional_review {ANY_TIME}",
    "regional_review": f"released {ANY_TIME}",
    "exempt": "released",
    "on_hold": f"{OPEN} withdrawn superseded",
    "filled": "regional_review",
}


@pytest.mark.parametrize("to", WindowState)
@pytest.mark.parametrize("state", WindowState)
def test_a_window_makes_only_the_listed_moves(state: WindowState, to: WindowState) -> None:
    if to.value in LEGAL.get(state.value, "").split():
        rules.require_move(state, to, held_from=to)
    else:
        with pytest.raises(WindowMoveIllegal):
            rules.require_move(state, to, held_from=to)


def test_a_window_that_was_never_held_needs_no_state_that_it_left() -> None:
    rules.require_move(WindowState.WINDOW, WindowState.REVIEW)


@pytest.mark.parametrize("to", OPEN.split())
def test_a_window_on_hold_goes_back_to_no_other_open_state(to: str) -> None:
    with pytest.raises(WindowMoveIllegal):
        rules.require_move(WindowState.ON_HOLD, WindowState(to))


def test_a_window_on_hold_goes_back_to_the_state_it_left() -> None:
    rules.require_move(WindowState.ON_HOLD, WindowState.REVIEW, held_from=WindowState.REVIEW)
    rules.require_move(WindowState.ON_HOLD, WindowState.WITHDRAWN, held_from=WindowState.REVIEW)
    with pytest.raises(WindowMoveIllegal):
        rules.require_move(WindowState.ON_HOLD, WindowState.WINDOW, held_from=WindowState.REVIEW)


def test_r19_only_an_eligible_interest_without_an_outcome_holds_up_a_release() -> None:
    assert rules.unanswered([interest()]) == (UUID(int=1),)
    assert rules.unanswered([interest(has_outcome=True), interest(is_eligible=False)]) == ()


@pytest.mark.parametrize("close", [MONDAYS_CLOSE, datetime(2026, 12, 18, 23, 59, 59, tzinfo=UTC)])
def test_r19_outcomes_are_overdue_from_the_day_after_their_fifth_working_day(close: datetime) -> None:
    due = rules.outcome_due_at(close)
    assert not close < rules.outcomes_overdue_since(due)
    assert close < rules.outcomes_overdue_since(due + timedelta(seconds=1))
