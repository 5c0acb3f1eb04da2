"""The score of a pair (3.2): whole numbers only, so that every point can be told and checked.

S = sum of weight x f over the factors, f from 0 to 100, the weights summing to 100: S runs from 0 to 10,000.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.clearing.matching.policy import MatchingPolicy, TravelPolicy
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.rules import band_delta, hours_in_words
from services.clearing.matching.travel import journey, travel_limit
from shared.money import pounds_in_words

UNKNOWN_F = 50
BAND_F = {0: 100, -1: 70, -2: 40}
FURTHER_DOWN_F = 10
PERMANENT_F, LONG_FIXED_F, SHORT_FIXED_F = 100, 60, 20
LONG_FIXED_MONTHS = 12
PAY_POINTS_PER_PERCENT = 5
HOURS_POINTS_PER_PERCENT = 2


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor's part of the score. `is_assumed` marks an f that stands in for what is not known."""

    factor_id: str
    weight: int
    f: int
    inputs: dict[str, str]
    is_assumed: bool = False

    @property
    def points(self) -> int:
        return self.weight * self.f


def score_factors(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> tuple[Factor, ...]:
    """The seven factors of a pair, in the order of 3.2's table."""
    weights = policy.weights
    return (
        _skills(person, vacancy, weights.skills),
        _band(person, vacancy, weights.band),
        _travel(person, vacancy, policy),
        _pay(person, vacancy, weights.pay),
        _hours(person, vacancy, weights.hours),
        _contract(vacancy, weights.contract),
        _pattern(person, vacancy, weights.pattern),
    )


def score(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> int:
    """The score of a pair, 0 to 10,000: exactly the sum of its factors' points."""
    return sum(factor.points for factor in score_factors(person, vacancy, policy))


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


def _skills(person: Person, vacancy: Vacancy, weight: int) -> Factor:
    if not vacancy.desirable:
        return Factor("skills", weight, UNKNOWN_F, {"post": "lists no desirable skills"}, is_assumed=True)
    got = 0
    inputs = {}
    for wanted in vacancy.desirable:
        level = person.skill_level(wanted.skill_id)
        got += wanted.weight * (2 if level >= wanted.level else 1 if level == wanted.level - 1 and level > 0 else 0)
        inputs[wanted.skill_id] = (
            f"level {level} of {wanted.level}, weight {wanted.weight}{_basis(person, wanted.skill_id)}"
        )
    return Factor("skills", weight, 100 * got // (2 * sum(wanted.weight for wanted in vacancy.desirable)), inputs)


def _basis(person: Person, skill_id: str) -> str:
    held = person.skills.get(skill_id) if person.skills is not None else None
    if held is None:
        return ", not listed"
    return ", confirmed" if held.is_confirmed else ", declared"


def _band(person: Person, vacancy: Vacancy, weight: int) -> Factor:
    delta = band_delta(person, vacancy)
    return Factor("band", weight, band_f(delta), {"person": f"band {person.band}", "post": f"band {vacancy.band}"})


def _travel(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> Factor:
    trip = journey(person, vacancy, policy.travel)
    limit = travel_limit(person, vacancy, policy.travel).minutes
    weight = policy.weights.travel
    if trip.minutes is None:
        return Factor("travel", weight, UNKNOWN_F, {"journey": "not known"}, is_assumed=True)
    inputs = {"journey": f"{trip.minutes} minutes", "limit": f"{limit} minutes", "basis": trip.basis.value}
    return Factor("travel", weight, travel_f(trip.minutes, limit, policy.travel), inputs)


def _pay(person: Person, vacancy: Vacancy, weight: int) -> Factor:
    current = pounds_in_words(person.current_fte_pence)
    if vacancy.max_fte_pence is None:
        return Factor("pay", weight, UNKNOWN_F, {"current": current, "post": "not known"}, is_assumed=True)
    inputs = {"current": current, "post": f"up to {pounds_in_words(vacancy.max_fte_pence)}"}
    return Factor("pay", weight, pay_f(vacancy.max_fte_pence, person.current_fte_pence), inputs)


def _hours(person: Person, vacancy: Vacancy, weight: int) -> Factor:
    current = hours_in_words(person.current_hours)
    if vacancy.hours is None:
        return Factor("hours", weight, UNKNOWN_F, {"current": current, "post": "not known"}, is_assumed=True)
    inputs = {"current": current, "post": hours_in_words(vacancy.hours)}
    return Factor("hours", weight, hours_f(vacancy.hours, person.current_hours), inputs)


def _contract(vacancy: Vacancy, weight: int) -> Factor:
    is_assumed = not vacancy.is_permanent and vacancy.contract_months is None
    months = "" if vacancy.contract_months is None else f", {vacancy.contract_months} months"
    return Factor(
        "contract", weight, contract_f(vacancy), {"post": f"{vacancy.contract.value}{months}"}, is_assumed=is_assumed
    )


def _pattern(person: Person, vacancy: Vacancy, weight: int) -> Factor:
    if vacancy.working_pattern is None or person.working_patterns is None:
        return Factor("pattern", weight, UNKNOWN_F, {"pattern": "not stated"}, is_assumed=True)
    f = 100 if vacancy.working_pattern in person.working_patterns else 0
    accepted = ", ".join(sorted(person.working_patterns)) or "none"
    return Factor("pattern", weight, f, {"post": vacancy.working_pattern, "accepted": accepted})
