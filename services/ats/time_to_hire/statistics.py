"""Survival statistics with open vacancies kept in, exact where a float could move a median (section 4.1, 4.2).

Survival is a product of fractions: with floats an exact half can become 0.5000…1 and the median jumps to the next
event. Intervals are log-log Greenwood, which is what lifelines gives by default and R gives on request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt
from statistics import NormalDist

from services.ats.time_to_hire.vocabulary import Outcome

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
CONFIDENCE = 0.95
INTERVAL_METHOD = "95% interval, log-log Greenwood"
FEWEST_FOR_A_MEDIAN = 5
"""Section 4.3: under five openings a median says nothing and is shown as "too few"."""


@dataclass(frozen=True)
class Observation:
    """One opening as it stands: its age in whole days and how it ended, or that it is open.

    `entry` is the age at which it came under observation (0: from its first day); see the current-speed median.
    """

    days: int
    outcome: Outcome = Outcome.FILLED
    entry: int = 0

    def __post_init__(self) -> None:
        if not (0 == self.entry <= self.days or 0 < self.entry < self.days):
            raise ValueError("an opening is observed from day zero, or from a later day before it ends")


@dataclass(frozen=True)
class Step:
    """A day on which openings were filled. `survival` is the share still unfilled after that day."""

    day: int
    at_risk: int
    filled: int
    survival: Fraction
    greenwood: float
    """Sum of d / (n (n - d)) up to this day; infinite once nobody is left."""

    @property
    def standard_error(self) -> float:
        return float(self.survival) * sqrt(self.greenwood) if self.survival else 0.0


@dataclass(frozen=True)
class Summary:
    """A measure over many openings. Days may end in a half; None means that the share was not reached."""

    openings: int
    filled: int
    still_open: int
    cancelled: int
    failed: int
    median: Fraction | None
    first_quarter: Fraction | None
    third_quarter: Fraction | None
    median_low: int | None
    median_high: int | None

    @property
    def is_too_few(self) -> bool:
        return self.openings < FEWEST_FOR_A_MEDIAN


def _at_risk_by_day(observations: Sequence[Observation], days: Iterable[int]) -> dict[int, int]:
    """How many are under observation on each of the ascending days, before what happens on that day.

    On a tie what is filled comes before what is censored, so an opening is still at risk on its last day. One that
    enters later than its first day counts from the day after its entry.
    """
    entries = Counter(observation.entry for observation in observations)
    exits = Counter(observation.days for observation in observations)
    entering, leaving = sorted(entries), sorted(exits)
    inside, into, out = 0, 0, 0
    found: dict[int, int] = {}
    for day in days:
        while into < len(entering) and (entering[into] < day or entering[into] == 0):
            inside += entries[entering[into]]
            into += 1
        while out < len(leaving) and leaving[out] < day:
            inside -= exits[leaving[out]]
            out += 1
        found[day] = inside
    return found


def survival_curve(observations: Sequence[Observation]) -> list[Step]:
    """Kaplan-Meier (section 4.1): S(t) is the product of (n - d) / n. What was not filled counts as censored."""
    filled = Counter(observation.days for observation in observations if observation.outcome is Outcome.FILLED)
    days = sorted(filled)
    at_risk = _at_risk_by_day(observations, days)
    steps: list[Step] = []
    survival, greenwood = Fraction(1), 0.0
    for day in days:
        left = at_risk[day] - filled[day]
        if not at_risk[day]:
            continue
        survival *= Fraction(left, at_risk[day])
        greenwood += filled[day] / (at_risk[day] * left) if left else float("inf")
        steps.append(Step(day, at_risk[day], filled[day], survival, greenwood))
    return steps


def day_when_left(curve: Sequence[Step], share: Fraction) -> Fraction | None:
    """The day from which no more than `share` is unfilled, by R's survfit rule; None when that is not reached.

    Where survival equals the share exactly and falls further later, the day lies midway to that fall.
    """
    for position, step in enumerate(curve):
        if step.survival > share:
            continue
        later = curve[position + 1 :]
        if step.survival == share and later:
            return Fraction(step.day + later[0].day, 2)
        return Fraction(step.day)
    return None


def share_done_by(curve: Sequence[Step], day: int) -> Fraction:
    """1 - S(day). Where openings were also cancelled or failed this is too high: use `shares_by`."""
    return 1 - next((step.survival for step in reversed(curve) if step.day <= day), Fraction(1))


def survival_limits(step: Step) -> tuple[float, float] | None:
    """Log-log Greenwood limits of the share unfilled after a step; None where survival is 0 or 1."""
    survival = float(step.survival)
    if not 0 < survival < 1:
        return None
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    spread = z * sqrt(step.greenwood) / abs(log(survival))
    return survival ** exp(spread), survival ** exp(-spread)


def median_interval(curve: Sequence[Step]) -> tuple[int | None, int | None]:
    """The days on which the limits of survival first reach a half; None for a limit that is not reached."""
    limits = [(step.day, found) for step in curve if (found := survival_limits(step))]
    low = next((day for day, (lower, _) in limits if lower <= HALF), None)
    high = next((day for day, (_, upper) in limits if upper <= HALF), None)
    return low, high


def shares_by(observations: Sequence[Observation], day: int) -> dict[Outcome, Fraction]:
    """Filled, cancelled, failed and open shares at an age of `day` days, which sum to one (Aalen-Johansen, 4.2)."""
    ended = Counter(
        (observation.days, observation.outcome)
        for observation in observations
        if observation.outcome is not Outcome.OPEN and observation.days <= day
    )
    days = sorted({when for when, _ in ended})
    at_risk = _at_risk_by_day(observations, days)
    shares = dict.fromkeys(Outcome, Fraction(0))
    still_open = Fraction(1)
    for when in days:
        if not at_risk[when]:
            continue
        before = still_open
        for outcome in Outcome:
            leaving = before * Fraction(ended[when, outcome], at_risk[when])
            shares[outcome] += leaving
            still_open -= leaving
    return shares | {Outcome.OPEN: still_open}


def summarise(observations: Sequence[Observation]) -> Summary:
    """Median, quartiles and interval of a measure, with what they rest on."""
    curve = survival_curve(observations)
    counts = Counter(observation.outcome for observation in observations)
    low, high = median_interval(curve)
    return Summary(
        openings=len(observations),
        filled=counts[Outcome.FILLED],
        still_open=counts[Outcome.OPEN],
        cancelled=counts[Outcome.CANCELLED],
        failed=counts[Outcome.FAILED],
        median=day_when_left(curve, HALF),
        first_quarter=day_when_left(curve, 1 - QUARTER),
        third_quarter=day_when_left(curve, QUARTER),
        median_low=low,
        median_high=high,
    )
