"""The single smallest change that would turn a failed constraint (3.3): what to tell a person who asks "what if?".

Sizes are comparable whole numbers: a percentage of the limit that would have to move, or a fixed size for a yes to
give. Changes that are the person's to make come before those of fact; ties fall to the constraint's id.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.clearing.matching.criteria import experience_months
from services.clearing.matching.policy import MatchingPolicy
from services.clearing.matching.profiles import Criterion, Person, Vacancy
from services.clearing.matching.rules import CriterionOutcome, Fit, HardConstraint
from services.clearing.matching.travel import journey, travel_limit
from services.clearing.matching.values import hours_in_words
from shared.vocabulary import CriterionKind

ACCEPT_FIXED_TERM_SIZE = 20
ACCEPT_LOWER_BAND_SIZE = 30
SKILL_LEVEL_SIZE = 40
EXPERIENCE_SIZE = 50
FACT_SIZE = 1000
FACTS = {
    "promotion": "a higher band has no prior consideration: apply when the post is advertised",
    "scope": "a reason for displacement with regional scope",
    "registration": "a registration that is active and not in a trial",
    "post": "a post that is open, funded and has an opening",
    "ring_fence": "a post outside the person's own ring-fence",
}


@dataclass(frozen=True, slots=True)
class NearestChange:
    """`turns` is the id of the failed constraint or criterion; `makes_eligible` when nothing else fails."""

    turns: str
    change: str
    size: int
    makes_eligible: bool


def nearest_change(person: Person, vacancy: Vacancy, policy: MatchingPolicy, found: Fit) -> NearestChange | None:
    """None when nothing fails."""
    failures: list[tuple[int, str, str]] = []
    for constraint in found.failed_constraints:
        size, change = _constraint_change(constraint, person, vacancy, policy)
        failures.append((size, constraint.constraint_id, change))
    for outcome in found.unmet_criteria:
        size, change = _criterion_change(outcome, person)
        failures.append((size, outcome.criterion.criterion_id, change))
    if not failures:
        return None
    size, turns, change = min(failures)
    return NearestChange(turns, change, size, makes_eligible=len(failures) == 1)


def _constraint_change(
    constraint: HardConstraint, person: Person, vacancy: Vacancy, policy: MatchingPolicy
) -> tuple[int, str]:
    match constraint.constraint_id:
        case "band":
            return ACCEPT_LOWER_BAND_SIZE, "accept in writing posts more than two bands lower"
        case "hours":
            return _hours_change(person, vacancy)
        case "travel":
            return _travel_change(person, vacancy, policy)
        case "contract":
            under = f" under {policy.fit.min_fixed_term_months} months" if person.accepts_fixed_term else ""
            return ACCEPT_FIXED_TERM_SIZE, f"accept fixed terms{under}"
        case fact:
            return FACT_SIZE, FACTS[fact]


def _hours_change(person: Person, vacancy: Vacancy) -> tuple[int, str]:
    hours = vacancy.hours or 0
    if person.min_hours is not None and hours < person.min_hours:
        return _percent(person.min_hours - hours, person.min_hours), f"accept {hours_in_words(hours)} a week"
    most = person.max_hours or hours
    return _percent(hours - most, most), f"accept {hours_in_words(hours)} a week"


def _travel_change(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> tuple[int, str]:
    trip, limit = journey(person, vacancy, policy.travel), travel_limit(person, vacancy, policy.travel)
    if limit.metres is not None and trip.metres is not None and trip.metres > limit.metres:
        miles = -(-trip.metres * 1000 // 1_609_344)
        return _percent(trip.metres - limit.metres, limit.metres), f"accept a workplace {miles} miles away"
    minutes = trip.minutes or 0
    return _percent(minutes - limit.minutes, limit.minutes), f"accept a journey of {minutes} minutes"


def _criterion_change(outcome: CriterionOutcome, person: Person) -> tuple[int, str]:
    criterion = outcome.criterion
    match criterion.kind:
        case CriterionKind.EXPERIENCE:
            return _experience_change(criterion, person)
        case CriterionKind.SKILL:
            level = criterion.level or 1
            missing = level - person.skill_level(criterion.skill_id or "")
            return SKILL_LEVEL_SIZE * missing, f"{criterion.skill_id} at level {level}"
        case CriterionKind.REGISTRATION:
            return FACT_SIZE, f"a current registration: {criterion.registration_code}"
        case CriterionKind.QUALIFICATION:
            subjects = " or ".join(criterion.subjects) or "any subject"
            return FACT_SIZE, f"a qualification at level {criterion.level} in {subjects}"


def _experience_change(criterion: Criterion, person: Person) -> tuple[int, str]:
    months = criterion.months or 0
    missing = months - experience_months(person.occupations or (), criterion)
    return EXPERIENCE_SIZE + _percent(missing, months), f"{missing} more months of the experience asked for"


def _percent(part: int, whole: int) -> int:
    """Percent, rounded up; a limit of nought makes any change a whole one."""
    return 100 if whole <= 0 else -(-100 * part // whole)
