"""Statutory redundancy pay and notice (4.1, 4.2): what a dismissal would have cost. Pence, dates inclusive as stated.

Outputs for reports only: matching may never read them (R52).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from shared.errors import DomainError
from shared.money import rounded_pence

FEWEST_YEARS, MOST_YEARS = 2, 20
OLDER_AGE, ADULT_AGE = 41, 22
MOST_DISCRETIONARY_WEEKS = 104
WEEK_CAPS = (
    (date(2023, 4, 6), 64_300),
    (date(2024, 4, 6), 70_000),
    (date(2025, 4, 6), 71_900),
    (date(2026, 4, 6), 75_100),
)
"""Greatest week's pay in pence (ERA 1996 s.227), by relevant date."""
CAPS_KNOWN_TO = date(2027, 4, 5)


class WeekCapNotKnown(DomainError):
    """Fails closed: a payment worked out with last year's cap would be wrong without looking wrong."""

    code = "week_cap_not_known"
    title = "The statutory week's pay of that date is not known yet"


class WeekBasis(StrEnum):
    """Whose week counts: the statutory cap, or the actual week (2006 Discretionary Compensation Regs reg 5)."""

    CAPPED = "capped"
    ACTUAL = "actual"


@dataclass(frozen=True, slots=True)
class RedundancyPolicy:
    """A council's published policy. `multiplier` of the statutory weeks; more than 1 is capped at 104 weeks in all."""

    basis: WeekBasis = WeekBasis.CAPPED
    multiplier: Decimal = Decimal(1)


STATUTORY = RedundancyPolicy()


def caps_known() -> tuple[date, date]:
    """The first and the last relevant date whose cap is known."""
    return WEEK_CAPS[0][0], CAPS_KNOWN_TO


def week_cap(relevant_date: date) -> int:
    """Greatest week's pay in pence on a relevant date. Raises WeekCapNotKnown outside the dated table."""
    first, last = caps_known()
    index = bisect_right([starts for starts, _ in WEEK_CAPS], relevant_date)
    if not first <= relevant_date <= last:
        raise WeekCapNotKnown(field="relevant_date")
    return WEEK_CAPS[index - 1][1]


def anniversary(day: date, years: int) -> date:
    """The same day so many years later (or earlier); 29 February falls on 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def whole_years(first: date, last: date) -> int:
    """Complete years in the period from a first to a last day, both included (s.155, s.162)."""
    day_after = last + timedelta(days=1)
    years = day_after.year - first.year
    return max(0, years if anniversary(first, years) <= day_after else years - 1)


def age_on(born_on: date, day: date) -> int:
    years = day.year - born_on.year
    return years if anniversary(born_on, years) <= day else years - 1


def statutory_weeks(born_on: date, service_from: date, relevant_date: date) -> Decimal:
    """Weeks of pay (4.1): the latest 20 complete years, reckoned backwards from the relevant date.

    A year counts 1.5 where the person was not below 41 throughout, else 1 where not below 22, else a half. Under two
    years of service: none.
    """
    years = whole_years(service_from, relevant_date)
    if years < FEWEST_YEARS:
        return Decimal(0)
    day_after = relevant_date + timedelta(days=1)
    starts = [anniversary(day_after, -back) for back in range(1, min(years, MOST_YEARS) + 1)]
    return sum((_weeks_of_year(age_on(born_on, start)) for start in starts), Decimal(0))


def redundancy_pay(weeks: Decimal, week_pence: int, relevant_date: date, policy: RedundancyPolicy = STATUTORY) -> int:
    """Redundancy pay in pence for so many statutory weeks at an actual week's pay, by a council's policy.

    With a multiplier the whole is at most 104 weeks (2006 Regs reg 6). Raises WeekCapNotKnown for a capped week.
    """
    week = week_pence if policy.basis is WeekBasis.ACTUAL else min(week_pence, week_cap(relevant_date))
    multiplied = weeks * policy.multiplier
    if policy.multiplier > 1:
        multiplied = min(multiplied, Decimal(MOST_DISCRETIONARY_WEEKS))
    return rounded_pence(multiplied * week)


def _weeks_of_year(age_at_its_start: int) -> Decimal:
    if age_at_its_start >= OLDER_AGE:
        return Decimal("1.5")
    return Decimal(1) if age_at_its_start >= ADULT_AGE else Decimal("0.5")
