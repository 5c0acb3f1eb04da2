"""What a vacancy pays, from pounds or from the pay spine. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.errors import Invalid
from shared.reference.pay import pay_year_of, spine_point


class PayNotGiven(Invalid):
    code = "pay_not_given"
    title = "Give the range of spinal column points or the salary range"


@dataclass(frozen=True, slots=True)
class PayRange:
    """Full-time annual pay in pence, and the first day of the pay year it is in."""

    min_pence: int
    max_pence: int
    effective_from: date


def pay_range(
    *, scp: tuple[int, int] | None, pence: tuple[int, int] | None, on: date, effective_from: date | None = None
) -> PayRange:
    """Pay as given, or that of the spinal column points in the pay year of `on`. Raises PayNotGiven, PointNotOnSpine.

    Given pounds win over the points beside them: councils round locally.
    """
    year = effective_from or pay_year_of(on)
    if pence is None:
        if scp is None:
            raise PayNotGiven(field="salary_min_pence")
        pence = (spine_point(scp[0], year).annual_pence, spine_point(scp[1], year).annual_pence)
    return PayRange(*pence, year)
