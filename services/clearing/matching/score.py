"""The score of a pair (3.2): whole numbers only, so that every point can be told and checked.

S = sum of weight x f over the factors, f from 0 to 100, the weights summing to 100: S runs from 0 to 10,000. What is
not known scores 50 and is marked.
"""

from __future__ import annotations

from collections.abc import Callable

from services.clearing.matching.policy import MatchingPolicy, TravelPolicy
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.rules import Pair, band_delta
from services.clearing.matching.travel import journey, travel_limit

UNKNOWN_F = 50
BAND_F = {0: 100, -1: 70, -2: 40}
FURTHER_DOWN_F = 10
PERMANENT_F, LONG_FIXED_F, SHORT_FIXED_F = 100, 60, 20
LONG_FIXED_MONTHS = 12
PAY_POINTS_PER_PERCENT = 5
HOURS_POINTS_PER_PERCENT = 2


def score(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> int:
    """The score of a pair, 0 to 10,000: exactly the sum of its factors' points."""
    pair = Pair(person, vacancy, policy)
    return sum(policy.weights.of(name) * f_or_half(f(pair)) for name, f in FACTORS)


def f_or_half(f: int | None) -> int:
    return UNKNOWN_F if f is None else f


def band_f(delta: int) -> int:
    """Same band 100, one lower 70, two lower 40, further (by opt-in) 10; a higher post earns nothing here."""
    return 0 if delta > 0 else BAND_F.get(delta, FURTHER_DOWN_F)


def travel_f(minutes: int, max_minutes: int, policy: TravelPolicy) -> int:
    """100 up to half an hour, then falling in a line to 0 at the person's limit; beyond it (a ticked area) 0."""
    near = policy.near_minutes
    if minutes <= near:
        return 100
    if minutes >= max_minutes:
        return 0
    return 100 * (max_minutes - minutes) // (max_minutes - near)


def pay_f(post_max_pence: int, current_pence: int) -> int:
    """100 when the post's greatest pay reaches current pay; else 5 off for each begun percent of shortfall."""
    if post_max_pence >= current_pence:
        return 100
    percent = -(-100 * (current_pence - post_max_pence) // current_pence)
    return max(0, 100 - PAY_POINTS_PER_PERCENT * percent)


def hours_f(post_hours: int, current_hours: int) -> int:
    """2 off for each whole percent by which the post's hours differ from the current ones, either way."""
    percent = 100 * abs(post_hours - current_hours) // current_hours
    return max(0, 100 - HOURS_POINTS_PER_PERCENT * percent)


def contract_f(vacancy: Vacancy) -> int:
    """Permanent 100; a fixed term of a year or more 60; shorter, or of unknown length, 20."""
    if vacancy.is_permanent:
        return PERMANENT_F
    is_long = vacancy.contract_months is not None and vacancy.contract_months >= LONG_FIXED_MONTHS
    return LONG_FIXED_F if is_long else SHORT_FIXED_F


def _skills(pair: Pair) -> int | None:
    """Twice the weight at the level asked for, once just below it, of twice the weights; None with none asked for."""
    wanted = pair.vacancy.desirable
    if not wanted:
        return None
    got = 0
    for skill in wanted:
        level = pair.person.skill_level(skill.skill_id)
        got += skill.weight * (2 if level >= skill.level else 1 if level == skill.level - 1 and level > 0 else 0)
    return 100 * got // (2 * sum(skill.weight for skill in wanted))


def _band(pair: Pair) -> int:
    return band_f(band_delta(pair.person, pair.vacancy))


def _travel(pair: Pair) -> int | None:
    minutes = journey(pair.person, pair.vacancy, pair.policy.travel).minutes
    if minutes is None:
        return None
    return travel_f(minutes, travel_limit(pair.person, pair.vacancy, pair.policy.travel).minutes, pair.policy.travel)


def _pay(pair: Pair) -> int | None:
    most = pair.vacancy.max_fte_pence
    return None if most is None else pay_f(most, pair.person.current_fte_pence)


def _hours(pair: Pair) -> int | None:
    return None if pair.vacancy.hours is None else hours_f(pair.vacancy.hours, pair.person.current_hours)


def _contract(pair: Pair) -> int:
    return contract_f(pair.vacancy)


def _pattern(pair: Pair) -> int | None:
    """100 where the person accepts the post's pattern; None where either has not said."""
    if pair.vacancy.working_pattern is None or pair.person.working_patterns is None:
        return None
    return 100 if pair.vacancy.working_pattern in pair.person.working_patterns else 0


FACTORS: tuple[tuple[str, Callable[[Pair], int | None]], ...] = (
    ("skills", _skills),
    ("band", _band),
    ("travel", _travel),
    ("pay", _pay),
    ("hours", _hours),
    ("contract", _contract),
    ("pattern", _pattern),
)
"""In the order of 3.2's table, named as the weights are."""
