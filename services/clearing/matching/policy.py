"""What the region may choose about matching, dated and versioned so that every result can be told why."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum

RULES_VERSION = "2026-11"
"""Rises with any change to the rules of this package, and stands in every explanation."""


class RankOrder(StrEnum):
    """R9: the only two orders there are."""

    RING_FIRST = "ring_first"
    TIER_FIRST = "tier_first"


@dataclass(frozen=True, slots=True)
class WeightsPolicy:
    """Weights of the score's factors (3.2): whole numbers, none negative, summing to 100. ValueError otherwise.

    Changing them needs an equality impact note.
    """

    version: str = "2026-11"
    effective_from: date = date(2026, 4, 1)
    skills: int = 35
    band: int = 20
    travel: int = 15
    pay: int = 10
    hours: int = 10
    contract: int = 5
    pattern: int = 5

    def __post_init__(self) -> None:
        weights = [getattr(self, item.name) for item in fields(self) if item.name not in {"version", "effective_from"}]
        if any(not isinstance(weight, int) or weight < 0 for weight in weights) or sum(weights) != 100:
            raise ValueError("weights are whole numbers from 0 that sum to 100")

    def of(self, factor: str) -> int:
        """The weight of a factor by its name in 3.2's table."""
        return getattr(self, factor)


@dataclass(frozen=True, slots=True)
class TravelPolicy:
    """R23's constants. Minutes = km x detour / speed x 60 + base, rounded up to the next `round_up_to`."""

    version: str = "2026-11"
    effective_from: date = date(2026, 4, 1)
    detour_hundredths: int = 130
    speed_kmh: int = 40
    base_minutes: int = 10
    round_up_to: int = 5
    near_minutes: int = 30
    """Up to here a journey scores in full (3.2)."""
    hybrid_office_days: int = 2
    """At most so many office days a week and a person's own hybrid limit applies, where they set one."""


@dataclass(frozen=True, slots=True)
class FitPolicy:
    """Limits of the hard constraints: bands down without opt-in (R22), fixed terms (R24), training (R29)."""

    max_band_drop: int = 2
    min_fixed_term_months: int = 6
    max_weeks_to_train: int = 26


@dataclass(frozen=True, slots=True)
class MatchingPolicy:
    fit: FitPolicy = field(default_factory=FitPolicy)
    travel: TravelPolicy = field(default_factory=TravelPolicy)
    weights: WeightsPolicy = field(default_factory=WeightsPolicy)
    order: RankOrder = RankOrder.RING_FIRST


REGION_DEFAULT = MatchingPolicy()
