from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearing.trials.redundancy_pay import (
    RedundancyPolicy,
    WeekBasis,
    WeekCapNotKnown,
    age_on,
    anniversary,
    redundancy_pay,
    statutory_weeks,
    week_cap,
    whole_years,
)

END = date(2027, 3, 31)

# Rows of the published ready reckoner (age: weeks for 2, 3, 4… years of service), in halves of a week.
PUBLISHED = {
    20: "2 3 4 5",
    22: "2 3 4 5 6 7",
    23: "3 4 5 6 7 8",
    24: "4 5 6 7 8 9",
    28: "4 6 8 10 12 13 14 15 16 17 18 19",
    32: "4 6 8 10 12 14 16 18 20 21 22 23 24 25 26 27",
    36: "4 6 8 10 12 14 16 18 20 22 24 26 28 29 30 31 32 33 34",
    40: "4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 34 36 37 38",
    41: "4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 34 36 38 39",
}


def weeks(age: int, years: int) -> Decimal:
    """Of someone who had their birthday half a year before the end."""
    born_on = anniversary(date(2026, 9, 30), -age)
    return statutory_weeks(born_on, anniversary(END + timedelta(days=1), -years), END)


@pytest.mark.parametrize("age", PUBLISHED)
def test_weeks_agree_with_the_published_ready_reckoner(age: int) -> None:
    row = [Decimal(halves) / 2 for halves in PUBLISHED[age].split()]
    assert [weeks(age, years) for years in range(2, 2 + len(row))] == row


@pytest.mark.parametrize(
    ("age", "years", "expected"), [(45, 10, "12"), (41, 20, "19.5"), (42, 2, "2.5"), (36, 20, "17"), (61, 20, "30")]
)
def test_weeks_of_the_five_checks(age: int, years: int, expected: str) -> None:
    assert weeks(age, years) == Decimal(expected)


@pytest.mark.parametrize(
    ("born_on", "expected"),
    [(date(1985, 4, 1), "2.5"), (date(1985, 4, 2), "2"), (date(2004, 4, 1), "1.5"), (date(2004, 4, 2), "1")],
)
def test_a_year_counts_by_the_age_on_its_first_day_which_is_the_day_after_the_anniversary_of_the_last(
    born_on: date, expected: str
) -> None:
    assert statutory_weeks(born_on, date(2025, 4, 1), END) == Decimal(expected)


@pytest.mark.parametrize("age", range(17, 62))
def test_every_cell_of_the_table_counts_each_year_by_the_age_throughout_it(age: int) -> None:
    born_on = anniversary(date(2026, 9, 30), -age)
    for years in range(2, min(21, age - 14)):
        total = Decimal(0)
        for back in range(1, years + 1):
            ages = {
                age_on(born_on, anniversary(END + timedelta(days=1), -back) + timedelta(days=day))
                for day in range(0, 364, 26)
            }
            total += Decimal("1.5") if min(ages) >= 41 else Decimal(1) if min(ages) >= 22 else Decimal("0.5")
        assert weeks(age, years) == total


def test_example_a() -> None:
    found = statutory_weeks(date(1981, 5, 14), date(2016, 4, 1), END)
    assert found == 13
    assert redundancy_pay(found, 64_000, END) == 832_000


def test_example_e_capped_and_actual() -> None:
    found = statutory_weeks(date(1968, 7, 19), date(2004, 9, 1), END)
    assert found == Decimal("28.5")
    assert redundancy_pay(found, 93_000, END) == 2_140_350
    assert redundancy_pay(found, 93_000, END, RedundancyPolicy(basis=WeekBasis.ACTUAL)) == 2_650_500


def test_two_years_are_complete_only_on_their_last_day() -> None:
    assert statutory_weeks(date(1990, 1, 1), date(2025, 4, 2), date(2027, 3, 31)) == 0
    assert statutory_weeks(date(1990, 1, 1), date(2025, 4, 2), date(2027, 4, 1)) == 2


def test_service_from_a_leap_day_is_complete_on_the_last_of_february() -> None:
    assert whole_years(date(2024, 2, 29), date(2025, 2, 27)) == 0
    assert whole_years(date(2024, 2, 29), date(2025, 2, 28)) == 1
    assert whole_years(date(2024, 2, 29), date(2028, 2, 28)) == 4


@given(st.dates(date(1980, 1, 1), date(2026, 12, 31)), st.integers(0, 9000))
def test_whole_years_are_the_full_twelvemonths_in_the_period(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    years = whole_years(first, last)
    assert anniversary(first, years) - timedelta(days=1) <= last < anniversary(first, years + 1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "pence"),
    [
        (date(2023, 4, 6), 64_300),
        (date(2024, 4, 5), 64_300),
        (date(2024, 4, 6), 70_000),
        (date(2025, 4, 5), 70_000),
        (date(2025, 4, 6), 71_900),
        (date(2026, 4, 5), 71_900),
        (date(2026, 4, 6), 75_100),
        (date(2027, 4, 5), 75_100),
    ],
)
def test_the_week_is_capped_by_a_dated_table(day: date, pence: int) -> None:
    assert week_cap(day) == pence
    assert redundancy_pay(Decimal(30), 200_000, day) == 30 * pence


@pytest.mark.parametrize("day", [date(2027, 4, 6), date(2023, 4, 5)])
def test_a_cap_outside_the_table_is_refused_rather_than_guessed(day: date) -> None:
    with pytest.raises(WeekCapNotKnown):
        week_cap(day)
    assert redundancy_pay(Decimal(1), 100, day, RedundancyPolicy(basis=WeekBasis.ACTUAL)) == 100


def test_a_multiplier_pays_at_most_104_weeks() -> None:
    generous = RedundancyPolicy(basis=WeekBasis.ACTUAL, multiplier=Decimal(4))
    assert redundancy_pay(Decimal(20), 100_00, END, generous) == 80 * 100_00
    assert redundancy_pay(Decimal(30), 100_00, END, generous) == 104 * 100_00
