"""Which part of the last years references cover: against the days themselves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.ats.employment_references.coverage import DAY, Period, gaps, looked_back_on, uncovered

TODAY = date(2026, 11, 16)
WHOLE = looked_back_on(TODAY, 3)
DAYS = st.integers(-200, 1400).map(lambda number: WHOLE.first + timedelta(days=number))
PERIODS = st.tuples(DAYS, st.integers(0, 700)).map(lambda each: Period(each[0], each[0] + timedelta(days=each[1])))


def days_of(period: Period) -> set[date]:
    return {period.first + timedelta(days=number) for number in range(period.days)}


def test_three_years_reach_back_to_the_day_after_the_same_day() -> None:
    assert Period(date(2023, 11, 17), TODAY) == WHOLE
    assert looked_back_on(date(2028, 2, 29), 3).first == date(2025, 3, 1)


@given(st.lists(PERIODS, max_size=8))
def test_what_is_uncovered_is_every_day_that_no_period_holds(covered: list[Period]) -> None:
    expected = days_of(WHOLE) - set().union(*map(days_of, covered), set())
    found = uncovered(WHOLE, covered)
    assert set().union(*map(days_of, found), set()) == expected
    assert all(before.last + DAY < after.first for before, after in pairwise(found))


@given(st.lists(PERIODS, max_size=8))
def test_the_order_of_the_periods_and_repeating_one_change_nothing(covered: list[Period]) -> None:
    assert uncovered(WHOLE, covered) == uncovered(WHOLE, [*reversed(covered), *covered])


def test_a_gap_of_three_months_is_let_be_and_a_day_more_is_shown() -> None:
    until, after = Period(WHOLE.first, date(2025, 1, 31)), date(2025, 5, 1)
    assert gaps(WHOLE, [until, Period(after, TODAY)]) == []
    longer = Period(date(2025, 2, 1), after)
    assert gaps(WHOLE, [until, Period(after + DAY, TODAY)]) == [longer]


def test_nothing_at_all_is_one_gap() -> None:
    assert gaps(WHOLE, []) == [WHOLE]
