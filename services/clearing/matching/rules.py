"""The hard constraints of a match (R2, R15, R22-R29): each a small rule that passes, fails or does not know.

An unknown never fails anyone: it goes to a human (R29). The list `HARD_CONSTRAINTS` can be read aloud.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from services.clearing.matching.criteria import CriterionState, criterion_state
from services.clearing.matching.policy import MatchingPolicy
from services.clearing.matching.profiles import Criterion, Person, Vacancy
from services.clearing.matching.travel import is_in_ticked_area, is_within, journey, travel_limit

RING_OWN, RING_SUCCESSOR, RING_REGION = 0, 1, 2
TIER_PROTECTED, TIER_DISABILITY, TIER_OTHER = 1, 2, 5


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - the word of the explanation (3.3)
    FAIL = "fail"
    UNKNOWN = "unknown"


class Flag(StrEnum):
    """What a human must know beside the verdict."""

    NO_CONTINUITY_EFFECT = "no_continuity_effect"
    STATUTORY_OFFER_DUTY = "statutory_offer_duty"
    ADJUSTMENT_DUTY = "adjustment_duty"


@dataclass(frozen=True, slots=True)
class Pair:
    """A person, a post and the policy they are judged by."""

    person: Person
    vacancy: Vacancy
    policy: MatchingPolicy


@dataclass(frozen=True, slots=True)
class Constraint:
    """One hard constraint for one pair. `rule` is its number; the values are words, without personal reasons."""

    constraint_id: str
    rule: str
    verdict: Verdict
    person_value: str
    post_value: str


@dataclass(frozen=True, slots=True)
class CriterionOutcome:
    criterion: Criterion
    state: CriterionState


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a person may be matched to a post. Eligible iff nothing fails; an unknown asks for a human's look."""

    constraints: tuple[Constraint, ...]
    criteria: tuple[CriterionOutcome, ...]
    flags: frozenset[Flag]

    @property
    def is_eligible(self) -> bool:
        return not self.failed_constraints and not self.unmet_criteria

    @property
    def needs_review(self) -> bool:
        """Something is unknown: a human decides, nobody fails on it."""
        return any(item.verdict is Verdict.UNKNOWN for item in self.constraints) or any(
            item.state is CriterionState.UNKNOWN for item in self.criteria
        )

    @property
    def failed_constraints(self) -> tuple[Constraint, ...]:
        return tuple(item for item in self.constraints if item.verdict is Verdict.FAIL)

    @property
    def unmet_criteria(self) -> tuple[CriterionOutcome, ...]:
        return tuple(item for item in self.criteria if item.state is CriterionState.UNMET)


def ring_of(person: Person, vacancy: Vacancy) -> int:
    """0 own employer, 1 same successor group, 2 the rest of the region."""
    if person.home_employer_id == vacancy.employer_id:
        return RING_OWN
    if person.successor_group is not None and person.successor_group == vacancy.successor_group:
        return RING_SUCCESSOR
    return RING_REGION


def band_delta(person: Person, vacancy: Vacancy) -> int:
    """Post's band less the person's: below nought is a step down, above nought a promotion (R15)."""
    return vacancy.band - person.band


def fit(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> Fit:
    """Every hard constraint and every essential criterion for one pair."""
    pair = Pair(person, vacancy, policy)
    constraints = tuple(rule(pair) for rule in HARD_CONSTRAINTS)
    criteria = tuple(
        CriterionOutcome(
            criterion,
            criterion_state(
                criterion,
                person,
                starts_on=vacancy.starts_on,
                max_weeks_to_train=policy.fit.max_weeks_to_train,
            ),
        )
        for criterion in vacancy.essential
    )
    return Fit(constraints, criteria, _flags(person, vacancy))


def registration_is_live(pair: Pair) -> Constraint:
    """R26: the registration is active and not in a trial."""
    found = "live" if pair.person.is_live else "not live"
    return _constraint("registration", "R26", pair.person.is_live, (found, "live"))


def post_is_open(pair: Pair) -> Constraint:
    """R26: the post is open and funded and has an opening."""
    holds = pair.vacancy.is_open and pair.vacancy.is_funded and pair.vacancy.openings >= 1
    state = f"{'open' if pair.vacancy.is_open else 'not open'}, {'funded' if pair.vacancy.is_funded else 'not funded'}"
    return _constraint("post", "R26", holds, ("open, funded", f"{state}, {pair.vacancy.openings} openings"))


def post_is_outside_own_ring_fence(pair: Pair) -> Constraint:
    """R26: a post ring-fenced to the person's own pool is settled there, not here."""
    holds = pair.vacancy.ring_fence is None or pair.vacancy.ring_fence not in pair.person.ring_fences
    return _constraint("ring_fence", "R26", holds, ("not in its pool" if holds else "in its pool", "open to others"))


def scope_reaches_employer(pair: Pair) -> Constraint:
    """R2: reasons without regional scope match with posts of the own council only."""
    holds = not pair.person.is_own_council_only or ring_of(pair.person, pair.vacancy) == RING_OWN
    scope = "own council only" if pair.person.is_own_council_only else "whole region"
    return _constraint("scope", "R2", holds, (scope, f"ring {ring_of(pair.person, pair.vacancy)}"))


def band_is_within_reach(pair: Pair) -> Constraint:
    """R22: the same band or up to two lower, further down only by written opt-in; R15: higher is promotion."""
    delta = band_delta(pair.person, pair.vacancy)
    holds = delta <= 0 and (-delta <= pair.policy.fit.max_band_drop or pair.person.accepts_more_than_two_bands_lower)
    rule = "R15" if delta > 0 else "R22"
    return _constraint("band", rule, holds, (f"band {pair.person.band}", f"band {pair.vacancy.band}"))


def hours_are_within_limits(pair: Pair) -> Constraint:
    """R23: post hours within the person's least and most. A limit not stated does not limit."""
    least, most = pair.person.min_hours, pair.person.max_hours
    holds = None
    if pair.vacancy.hours is not None:
        holds = (least is None or least <= pair.vacancy.hours) and (most is None or pair.vacancy.hours <= most)
    wanted = f"{hours_in_words(least)} to {hours_in_words(most)} a week"
    return _constraint("hours", "R23", holds, (wanted, f"{hours_in_words(pair.vacancy.hours)} a week"))


def journey_is_within_limit(pair: Pair) -> Constraint:
    """R23: the journey is within the person's limit, or the workplace lies in an area they ticked."""
    trip = journey(pair.person, pair.vacancy, pair.policy.travel)
    limit = travel_limit(pair.person, pair.vacancy, pair.policy.travel)
    is_ticked = is_in_ticked_area(pair.person, pair.vacancy)
    wanted = f"up to {limit.minutes} minutes" if limit.metres is None else f"up to {pair.person.max_miles} miles"
    if is_ticked:
        wanted += ", or in an area ticked"
    return _constraint("travel", "R23", True if is_ticked else is_within(trip, limit), (wanted, trip.in_words()))


def contract_is_accepted(pair: Pair) -> Constraint:
    """R24: a fixed term only where accepted, and at least six months of it unless opted in."""
    months, least = pair.vacancy.contract_months, pair.policy.fit.min_fixed_term_months
    if pair.vacancy.is_permanent:
        holds, found = True, "permanent"
    else:
        found = f"{pair.vacancy.contract.value}, {'length not known' if months is None else f'{months} months'}"
        holds = pair.person.accepts_fixed_term
        if holds and not pair.person.accepts_short_fixed_term:
            holds = None if months is None else months >= least
    wanted = "permanent only"
    if pair.person.accepts_fixed_term:
        wanted = "any fixed term" if pair.person.accepts_short_fixed_term else f"fixed term of at least {least} months"
    return _constraint("contract", "R24", holds, (wanted, found))


def starts_in_protected_time(pair: Pair) -> Constraint:
    """R25: the match is allowed whatever the start; one past the latest protected day is only flagged."""
    latest, starts = pair.person.latest_protected_start, pair.vacancy.starts_on
    wanted = "any day" if latest is None else f"by {latest.isoformat()} for continuity"
    return _constraint("start", "R25", True, (wanted, "not known" if starts is None else starts.isoformat()))


HARD_CONSTRAINTS: tuple[Callable[[Pair], Constraint], ...] = (
    registration_is_live,
    post_is_open,
    post_is_outside_own_ring_fence,
    scope_reaches_employer,
    band_is_within_reach,
    hours_are_within_limits,
    journey_is_within_limit,
    contract_is_accepted,
    starts_in_protected_time,
)


def hours_in_words(hundredths: int | None) -> str:
    return "hours not stated" if hundredths is None else f"{hundredths / 100:g} hours"


def _constraint(constraint_id: str, rule: str, holds: bool | None, values: tuple[str, str]) -> Constraint:
    verdict = Verdict.UNKNOWN if holds is None else Verdict.PASS if holds else Verdict.FAIL
    return Constraint(constraint_id, rule, verdict, *values)


def _flags(person: Person, vacancy: Vacancy) -> frozenset[Flag]:
    flags = set()
    ring = ring_of(person, vacancy)
    if person.tier == TIER_PROTECTED and ring in {RING_OWN, RING_SUCCESSOR}:
        flags.add(Flag.STATUTORY_OFFER_DUTY)  # R12: a right against employer, successor and associated employer only
    if person.tier == TIER_DISABILITY and ring == RING_OWN:
        flags.add(Flag.ADJUSTMENT_DUTY)  # R13: the duty lies on the home council
    latest, starts = person.latest_protected_start, vacancy.starts_on
    if latest is not None and starts is not None and starts > latest:
        flags.add(Flag.NO_CONTINUITY_EFFECT)
    return frozenset(flags)
