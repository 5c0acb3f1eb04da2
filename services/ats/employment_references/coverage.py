"""Which part of the last years references cover. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.ats.approval_flows.rules import months_after

GAP_MONTHS = 3
"""An unexplained gap of more than three months is asked about: the region's policy."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From the first to the last day, both inside."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def looked_back_on(today: date, years: int) -> Period:
    return Period(months_after(today, -12 * years) + DAY, today)


def uncovered(whole: Period, covered: Iterable[Period]) -> list[Period]:
    """What of `whole` no period covers, in order. Periods may overlap, repeat and reach beyond it."""
    found: list[Period] = []
    reached = whole.first
    for each in sorted(covered):
        if each.first > whole.last:
            break
        if each.first > reached:
            found.append(Period(reached, each.first - DAY))
        reached = max(reached, each.last + DAY)
    if reached <= whole.last:
        found.append(Period(reached, whole.last))
    return found


def gaps(whole: Period, covered: Iterable[Period]) -> list[Period]:
    """Those that are longer than three months."""
    return [each for each in uncovered(whole, covered) if each.last >= months_after(each.first, GAP_MONTHS)]
