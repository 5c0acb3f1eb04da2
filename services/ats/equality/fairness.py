"""Whether any group fares worse at a stage, told from shown counts alone (time to hire, section 4.8): pure.

The four-fifths rule of thumb (29 CFR 1607.4(D)) compares with the group that has the highest rate. It is not the law
here: under the Equality Act 2010, ss.19 and 149, a verdict is a reason to look, no finding. The ratio and the exact
test often disagree, so a review wants both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scipy.stats import fisher_exact

from services.ats.equality.questions import PREFER_NOT_TO_SAY
from services.ats.equality.rules import EVERYONE, STAGES, THRESHOLD, FunnelStage, Shown

FOUR_FIFTHS = 0.80
SIGNIFICANT = 0.05
FEWEST_EXPECTED = 5
NORMAL_95 = 1.959964


class Verdict(StrEnum):
    REVIEW = "review"
    WATCH = "watch"
    NO_CONCERN = "no_concern"
    TOO_FEW = "too_few"
    HIGHEST_RATE = "highest_rate"
    NOT_COMPARED = "not_compared"
    """Who prefers not to say: counted beside the groups and compared with none."""
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Passed:
    """Of `came` people of a group who stood before a stage, `went_on` came to it. Both are shown to everyone."""

    came: int
    went_on: int

    @property
    def rate(self) -> float:
        return self.went_on / self.came


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group beside the one with the highest rate: `ratio` of the rates with its 95% interval, and Fisher's p."""

    verdict: Verdict
    came: int | None = None
    rate: float | None = None
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None


def compare(group: Passed, reference: Passed) -> Comparison:
    """Two-sided. The interval is that of the log-ratio; there is none without anybody who went on."""
    if reference.went_on == 0:
        return Comparison(Verdict.NO_CONCERN, group.came, group.rate)
    ratio = group.rate / reference.rate
    table = [
        [group.went_on, group.came - group.went_on],
        [reference.went_on, reference.came - reference.went_on],
    ]
    p_value = float(fisher_exact(table).pvalue)
    verdict = Verdict.NO_CONCERN
    if min(group.came, reference.came) < THRESHOLD or fewest_expected(group, reference) < FEWEST_EXPECTED:
        verdict = Verdict.TOO_FEW
    elif ratio < FOUR_FIFTHS:
        verdict = Verdict.REVIEW if p_value < SIGNIFICANT else Verdict.WATCH
    return Comparison(verdict, group.came, group.rate, ratio, _interval(group, reference, ratio), p_value)


def fewest_expected(group: Passed, reference: Passed) -> float:
    """How many of the smaller group would have gone on, had both fared alike."""
    went_on = group.went_on + reference.went_on
    return min(group.came, reference.came) * went_on / (group.came + reference.came)


def _interval(group: Passed, reference: Passed, ratio: float) -> tuple[float, float] | None:
    if group.went_on == 0:
        return None
    variance = sum(1 / each.went_on - 1 / each.came for each in (group, reference))
    width = NORMAL_95 * math.sqrt(variance)
    return ratio * math.exp(-width), ratio * math.exp(width)


def compared_at(shown: Shown, stage: FunnelStage) -> Mapping[str, Comparison]:
    """By group, at a stage after the first: who of those that came to the stage before went on.

    Only counts that are shown are looked at, so a comparison tells nothing that they do not.
    """
    place = STAGES.index(stage)
    before = {group: (counts[place - 1], counts[place]) for group, counts in shown.items() if group != EVERYONE}
    passed = {
        group: Passed(came, went_on)
        for group, (came, went_on) in before.items()
        if came is not None and went_on is not None and came >= THRESHOLD
    }
    reference = _reference(passed)
    return {
        group: Comparison(Verdict.HIDDEN if None in counts else Verdict.TOO_FEW)
        if group not in passed
        else _beside(group, passed, reference)
        for group, counts in before.items()
    }


def _reference(passed: Mapping[str, Passed]) -> str | None:
    """The group with the highest rate; of equals the larger. None where there is nobody to compare with."""
    known = [(each.rate, each.came, group) for group, each in passed.items() if group != PREFER_NOT_TO_SAY]
    return max(known)[-1] if len(known) > 1 else None


def _beside(group: str, passed: Mapping[str, Passed], reference: str | None) -> Comparison:
    each = passed[group]
    if group == PREFER_NOT_TO_SAY or reference is None:
        return Comparison(Verdict.NOT_COMPARED, each.came, each.rate)
    if group == reference:
        return Comparison(Verdict.HIGHEST_RATE, each.came, each.rate, 1.0)
    return compare(each, passed[reference])


def likelihood(groups: Mapping[str, Comparison], of: str, beside: str) -> float | None:
    """How many times as likely one group was to go on as another, as NHS WRES puts it: the inverse of a ratio."""
    first, second = groups[of].rate, groups[beside].rate
    return None if first is None or not second else first / second
