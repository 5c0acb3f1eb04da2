"""The NJC pay spine and the regional bands made from it.

Bands are sets of points, and every point moves by the same award: compare bands, never pounds of different years.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache

from shared.errors import Invalid
from shared.reference.tables import number_or_none, read_table

FULL_TIME_HOURS_HUNDREDTHS = 3700
LOCAL_ROUNDING_PENCE = 500
"""Councils publish a point a few pounds either side: up to 5 pounds below a band's least pay is still that band."""
LOWEST_POINT = 2
"""Deleted in April 2026; a person still shown on it is in band 1."""


class SpineStatus(StrEnum):
    AGREED = "agreed"
    DERIVED = "derived"
    """Worked out from real adverts, not copied from a circular: say so wherever the figure is shown."""


class PayYearNotKnown(Invalid):
    code = "pay_year_not_known"
    title = "No pay spine is held for this date"


class PointNotOnSpine(Invalid):
    code = "point_not_on_spine"
    title = "This is not a point of the pay spine"


@dataclass(frozen=True, slots=True)
class SpinePoint:
    effective_from: date
    scp: int
    annual_pence: int
    hourly_pence: int
    status: SpineStatus


@dataclass(frozen=True, slots=True)
class Band:
    """One regional band of one pay year. Points are None above the spine; the top band has no greatest pay."""

    effective_from: date
    band: int
    scp_min: int | None
    scp_max: int | None
    annual_min_pence: int
    annual_max_pence: int | None

    def holds_point(self, scp: int) -> bool:
        return self.scp_min is not None and self.scp_max is not None and self.scp_min <= scp <= self.scp_max


@cache
def pay_years() -> tuple[date, ...]:
    """First days of the pay years held, oldest first."""
    return tuple(sorted({band.effective_from for band in _all_bands()}))


def pay_year_of(on: date) -> date:
    """First day of the pay year whose rows are in force on a date. The last year's stay until an award is agreed."""
    index = bisect_right(pay_years(), on)
    if index == 0:
        raise PayYearNotKnown(field="pay_effective_from")
    return pay_years()[index - 1]


def spine(on: date) -> dict[int, SpinePoint]:
    """Spinal column points in force on a date. Raises PayYearNotKnown before April 2024."""
    return _spines()[pay_year_of(on)]


def spine_point(scp: int, on: date) -> SpinePoint:
    """Raises PointNotOnSpine, PayYearNotKnown."""
    found = spine(on).get(scp)
    if found is None:
        raise PointNotOnSpine(field="scp")
    return found


def bands(on: date) -> tuple[Band, ...]:
    """The twelve bands in force on a date, lowest first."""
    return _bands_of(pay_year_of(on))


def band_of_point(scp: int, on: date) -> int:
    """The band that holds a spinal column point. Raises PointNotOnSpine."""
    for row in bands(on):
        if row.holds_point(scp):
            return row.band
    if scp == LOWEST_POINT:
        return 1
    raise PointNotOnSpine(field="scp")


def band_of_pay(annual_fte_pence: int, on: date) -> int:
    """The highest band whose least pay, less 5 pounds for local rounding, is reached; below band 1 is band 1.

    `annual_fte_pence` is full-time pay: put part-time pay through `full_time_pence` first. `on` is the day the figure
    was paid or advertised, not today.
    """
    reached = [row.band for row in bands(on) if row.annual_min_pence - LOCAL_ROUNDING_PENCE <= annual_fte_pence]
    return max(reached, default=1)


def band_of_range_top(*, on: date, scp: int | None = None, pence: int | None = None) -> int:
    """A post's band: that of the top of its pay range, by point where it has one, else by FTE pounds."""
    if scp is not None:
        return band_of_point(scp, on)
    if pence is None:
        raise PointNotOnSpine("A pay range needs the point or the pay at its top.", field="salary_max")
    return band_of_pay(pence, on)


def band_of_person(
    *, on: date, grade_top_scp: int | None = None, grade_top_pence: int | None = None, fte_pence: int | None = None
) -> int:
    """A person's band: that of the top of their grade when known, else of their current FTE pay."""
    pence = grade_top_pence if grade_top_pence is not None else fte_pence
    return band_of_range_top(on=on, scp=grade_top_scp, pence=pence)


def full_time_pence(
    actual_pence: int, hours_hundredths: int, full_time_hundredths: int = FULL_TIME_HOURS_HUNDREDTHS
) -> int:
    """Annual full-time pay of actual part-time pay; hours a week are in hundredths. Rounds half up to the penny."""
    if hours_hundredths <= 0:
        raise Invalid("Hours a week must be more than nothing.", field="hours_per_week")
    return (2 * actual_pence * full_time_hundredths + hours_hundredths) // (2 * hours_hundredths)


def actual_pence(full_time_pence: int, hours_hundredths: int, weeks_a_year: int | None = None) -> int:
    """Annual pay of a post of these hours, of its full-time pay; rounds half up to the penny.

    Hours a week are in hundredths, 37 are full time (NJC, Part 2 para 5.1); `weeks_a_year` are those that a term-time
    post is paid for, its leave included, of the 365 / 7 of a year. Longer hours and weeks earn no more than full time.
    """
    hours = min(hours_hundredths, FULL_TIME_HOURS_HUNDREDTHS)
    days = 365 if weeks_a_year is None else min(7 * weeks_a_year, 365)
    whole = FULL_TIME_HOURS_HUNDREDTHS * 365
    return (2 * full_time_pence * hours * days + whole) // (2 * whole)


def in_pay_year_of(annual_pence: int, *, paid_on: date, wanted_on: date) -> int:
    """Pay of one year in another year's pounds, by the award between them, rounded half up to the penny.

    The pay factor of matching compares pounds, so both sides must first stand in the same year.
    """
    ratio = _award_level(pay_year_of(wanted_on)) / _award_level(pay_year_of(paid_on))
    return int(annual_pence * ratio + Fraction(1, 2))


def _award_level(year: date) -> Fraction:
    """The spine's highest point: every point moves by the same award, and the highest loses least to rounding."""
    points = _spines()[year]
    return Fraction(points[max(points)].annual_pence)


@cache
def _spines() -> dict[date, dict[int, SpinePoint]]:
    years: dict[date, dict[int, SpinePoint]] = {}
    for row in read_table("njc_pay_spine"):
        point = SpinePoint(
            effective_from=date.fromisoformat(row["effective_from"]),
            scp=int(row["scp"]),
            annual_pence=int(row["annual_salary_gbp"]) * 100,
            hourly_pence=int(Decimal(row["hourly_rate_gbp"]) * 100),
            status=SpineStatus.AGREED if row["status"] == "agreed" else SpineStatus.DERIVED,
        )
        years.setdefault(point.effective_from, {})[point.scp] = point
    return years


@cache
def _bands_of(year: date) -> tuple[Band, ...]:
    return tuple(row for row in _all_bands() if row.effective_from == year)


@cache
def _all_bands() -> tuple[Band, ...]:
    return tuple(_band(row) for row in read_table("regional_bands"))


def _band(row: dict[str, str]) -> Band:
    annual_max = number_or_none(row["annual_max_gbp"])
    return Band(
        effective_from=date.fromisoformat(row["effective_from"]),
        band=int(row["band"]),
        scp_min=number_or_none(row["scp_min"]),
        scp_max=number_or_none(row["scp_max"]),
        annual_min_pence=int(row["annual_min_gbp"]) * 100,
        annual_max_pence=None if annual_max is None else annual_max * 100,
    )
