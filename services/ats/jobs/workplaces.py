from __future__ import annotations

from enum import StrEnum

DAYS_OF_A_WEEK_AT_THE_OFFICE = 5


class Workplace(StrEnum):
    """Where the work is done: away from the office altogether, on some days of the week, or never."""

    REMOTE = "remote"
    HYBRID = "hybrid"
    OFFICE = "office"


WORKPLACE_LABELS = {
    Workplace.REMOTE: "From home",
    Workplace.HYBRID: "Part of the week from home",
    Workplace.OFFICE: "At the workplace",
}


def workplace_of(office_days_per_week: int | None, *, is_hybrid: bool = False) -> Workplace:
    """Nothing said, neither of days at the office nor of hybrid work, means that the work is done there."""
    if office_days_per_week is None and is_hybrid:
        return Workplace.HYBRID
    if office_days_per_week is None or office_days_per_week >= DAYS_OF_A_WEEK_AT_THE_OFFICE:
        return Workplace.OFFICE
    return Workplace.REMOTE if office_days_per_week == 0 else Workplace.HYBRID
