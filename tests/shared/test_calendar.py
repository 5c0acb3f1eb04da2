from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import calendar
from shared.calendar import CalendarHorizonPassed, DeadlineNotUnderstood

DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
        (2028, ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"]),
    ],
)
def test_the_bank_holidays_are_those_the_rules_were_written_with(year: int, days: list[str]) -> None:
    found = sorted(day for day in calendar.bank_holidays() if day.year == year)
    assert found == [date.fromisoformat(f"{year}-{day}") for day in days]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 4, 2), date(2026, 4, 7), 1),
        (date(2026, 12, 23), date(2027, 1, 4), 5),
        (date(2026, 5, 1), date(2026, 5, 4), 0),
        (date(2026, 5, 2), date(2026, 5, 5), 1),
        (date(2026, 5, 5), date(2026, 5, 5), 0),
    ],
)
def test_working_days_between_excludes_the_start_and_includes_the_end(start: date, end: date, expected: int) -> None:
    assert calendar.working_days_between(start, end) == expected


@given(DAYS, DAYS)
def test_working_days_between_equals_numpys_business_days(start: date, end: date) -> None:
    start, end = min(start, end), max(start, end)
    holidays = [np.datetime64(day) for day in calendar.bank_holidays()]
    one = np.timedelta64(1, "D")
    expected = int(np.busday_count(np.datetime64(start) + one, np.datetime64(end) + one, holidays=holidays))
    assert calendar.working_days_between(start, end) == expected


@given(st.dates(date(2023, 1, 1), date(2028, 9, 1)), st.integers(1, 40))
def test_the_nth_working_day_after_a_day_is_n_working_days_away(day: date, count: int) -> None:
    found = calendar.add_working_days(day, count)
    assert calendar.is_working_day(found)
    assert calendar.working_days_between(day, found) == count


def test_no_working_days_after_a_day_is_the_day_and_none_are_counted_back() -> None:
    assert calendar.add_working_days(date(2026, 12, 25), 0) == date(2026, 12, 25)
    with pytest.raises(ValueError, match="forward"):
        calendar.add_working_days(date(2026, 12, 25), -1)


@pytest.mark.parametrize(
    ("opened_at", "closes_at"),
    [
        # opened on Maundy Thursday: Good Friday and Easter Monday do not count
        (datetime(2026, 4, 2, 9, tzinfo=UTC), datetime(2026, 4, 13, 22, 59, 59, tzinfo=UTC)),
        # across the change to summer time on 28 March 2027, and Easter
        (datetime(2027, 3, 25, 9, tzinfo=UTC), datetime(2027, 4, 5, 22, 59, 59, tzinfo=UTC)),
        # across the change to winter time on 25 October 2026
        (datetime(2026, 10, 22, 9, tzinfo=UTC), datetime(2026, 10, 29, 23, 59, 59, tzinfo=UTC)),
        # 23:30 UTC in July is already tomorrow in London
        (datetime(2026, 7, 6, 23, 30, tzinfo=UTC), datetime(2026, 7, 14, 22, 59, 59, tzinfo=UTC)),
        # opened on a Saturday: Monday is the first working day after
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_r17_a_window_closes_at_the_end_of_the_fifth_working_day_after_opening(
    opened_at: datetime, closes_at: datetime
) -> None:
    assert calendar.close_of_window(opened_at, 5) == closes_at


@pytest.mark.parametrize(
    ("instant", "morning"),
    [
        (datetime(2026, 11, 20, 16, tzinfo=UTC), datetime(2026, 11, 23, 7, tzinfo=UTC)),
        (datetime(2027, 3, 25, 16, tzinfo=UTC), datetime(2027, 3, 30, 6, tzinfo=UTC)),
        (datetime(2026, 12, 24, 6, tzinfo=UTC), datetime(2026, 12, 29, 7, tzinfo=UTC)),
    ],
)
def test_r20_the_next_working_morning_is_seven_in_london(instant: datetime, morning: datetime) -> None:
    assert calendar.next_working_morning(instant) == morning


def test_rules_fail_closed_past_the_last_known_year() -> None:
    with pytest.raises(CalendarHorizonPassed) as refused:
        calendar.close_of_window(datetime(2028, 12, 28, 9, tzinfo=UTC), 5)
    assert refused.value.code == "calendar_horizon_passed"
    with pytest.raises(CalendarHorizonPassed):
        calendar.working_days_between(date(2028, 12, 30), date(2029, 1, 2))
    assert calendar.add_working_days(date(2028, 12, 27), 2) == date(2028, 12, 29)


def test_rules_fail_closed_before_the_first_known_year() -> None:
    with pytest.raises(CalendarHorizonPassed):
        calendar.is_working_day(date(1999, 6, 1))


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2027-01-15T17:00", datetime(2027, 1, 15, 17, tzinfo=UTC)),
        ("2027-07-15T17:00", datetime(2027, 7, 15, 16, tzinfo=UTC)),
        ("2027-07-15T17:00+00:00", datetime(2027, 7, 15, 17, tzinfo=UTC)),
        ("2027-07-15T17:00Z", datetime(2027, 7, 15, 17, tzinfo=UTC)),
        ("2027-07-15", datetime(2027, 7, 15, 22, 59, 59, tzinfo=UTC)),
        # 01:30 comes twice on 31 October 2027: the second one stands
        ("2027-10-31T01:30", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
        # 01:30 does not exist on 28 March 2027: half past two summer time
        ("2027-03-28T01:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_zoneless_deadline_means_london_and_the_awkward_hours_have_an_answer(written: str, instant: datetime) -> None:
    assert calendar.parse_local_deadline(written) == instant


@pytest.mark.parametrize(
    "written", ["", "soon", "2027-02-30", "2027-13-01T10:00", "2027-01-01T25:00", "9999-12-31T23:59-12:00"]
)
def test_a_deadline_that_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(DeadlineNotUnderstood):
        calendar.parse_local_deadline(written)


def test_a_local_date_needs_a_time_zone_and_turns_at_londons_midnight() -> None:
    assert calendar.local_date(datetime(2026, 3, 29, 23, 30, tzinfo=UTC)) == date(2026, 3, 30)
    with pytest.raises(ValueError, match="time zone"):
        calendar.local_date(datetime(2026, 3, 29, 23, 30))  # noqa: DTZ001 - the zoneless time is the point


@given(st.datetimes(datetime(2023, 1, 1), datetime(2028, 12, 31)))  # noqa: DTZ001 - wall-clock times
def test_a_wall_clock_time_that_exists_comes_back_unchanged(wall: datetime) -> None:
    instant = calendar.local_instant(wall.date(), wall.time())
    back = instant.astimezone(calendar.LONDON).replace(tzinfo=None, fold=0)
    if back != wall.replace(fold=0):
        assert back.date().month == 3
        assert time(1) <= wall.time() < time(2)
