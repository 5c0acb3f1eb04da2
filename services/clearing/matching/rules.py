"""The hard constraints of a match (R2, R15, R22-R29): each a small rule that holds, fails or does not know.

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
TIER_PROTECTED, TIER_DISABILITY = 1, 2


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
class HardConstraint:
    """`rule` is its number. `holds` answers None where the facts are not known."""

    constraint_id: str
    rule: str
    holds: Callable[[Pair], bool | None]


@dataclass(frozen=True, slots=True)
class CriterionOutcome:
    criterion: Criterion
    state: CriterionState


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a person may be matched to a post. Eligible iff nothing fails; an unknown asks for a human's look.

    `holds` has an answer for each of `HARD_CONSTRAINTS`, in their order.
    """

    holds: tuple[bool | None, ...]
    criteria: tuple[CriterionOutcome, ...]
    flags: frozenset[Flag]

    @property
    def is_eligible(self) -> bool:
        return False not in self.holds and not self.unmet_criteria

    @property
    def needs_review(self) -> bool:
        """Something is unknown: a human decides, nobody fails on it."""
        return None in self.holds or any(item.state is CriterionState.UNKNOWN for item in self.criteria)

    @property
    def failed_constraints(self) -> tuple[HardConstraint, ...]:
        answers = zip(HARD_CONSTRAINTS, self.holds, strict=True)
        return tuple(constraint for constraint, holds in answers if holds is False)

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
    holds = tuple(constraint.holds(pair) for constraint in HARD_CONSTRAINTS)
    criteria = tuple(CriterionOutcome(criterion, _state(criterion, pair)) for criterion in vacancy.essential)
    return Fit(holds, criteria, _flags(person, vacancy))


def is_eligible(person: Person, vacancy: Vacancy, policy: MatchingPolicy) -> bool:
    """`fit(...).is_eligible`, stopping at the first thing that fails: most pairs do not fit."""
    pair = Pair(person, vacancy, policy)
    holds_all = all(constraint.holds(pair) is not False for constraint in HARD_CONSTRAINTS)
    return holds_all and not has_unmet_criterion(pair)


def has_unmet_criterion(pair: Pair) -> bool:
    return any(_state(criterion, pair) is CriterionState.UNMET for criterion in pair.vacancy.essential)


def registration_is_live(pair: Pair) -> bool:
    """R26: the registration is active and not in a trial."""
    return pair.person.is_live


def post_is_open(pair: Pair) -> bool:
    """R26: the post is open and funded and has an opening."""
    return pair.vacancy.is_open and pair.vacancy.is_funded and pair.vacancy.openings >= 1


def post_is_outside_own_ring_fence(pair: Pair) -> bool:
    """R26: a post ring-fenced to the person's own pool is settled there, not here."""
    return pair.vacancy.ring_fence is None or pair.vacancy.ring_fence not in pair.person.ring_fences


def scope_reaches_employer(pair: Pair) -> bool:
    """R2: reasons without regional scope match with posts of the own council only."""
    return not pair.person.is_own_council_only or ring_of(pair.person, pair.vacancy) == RING_OWN


def post_is_no_promotion(pair: Pair) -> bool:
    """R15: a higher band is promotion and has no prior consideration, whatever the person accepts."""
    return band_delta(pair.person, pair.vacancy) <= 0


def band_is_within_reach(pair: Pair) -> bool:
    """R22: at most two bands lower, further down only by written opt-in."""
    drop = -band_delta(pair.person, pair.vacancy)
    return drop <= pair.policy.fit.max_band_drop or pair.person.accepts_more_than_two_bands_lower


def hours_are_within_limits(pair: Pair) -> bool | None:
    """R23: post hours within the person's least and most. A limit not stated does not limit."""
    hours, least, most = pair.vacancy.hours, pair.person.min_hours, pair.person.max_hours
    if hours is None:
        return None
    return (least is None or least <= hours) and (most is None or hours <= most)


def journey_is_within_limit(pair: Pair) -> bool | None:
    """R23: the journey is within the person's limit, or the workplace lies in an area they ticked."""
    if is_in_ticked_area(pair.person, pair.vacancy):
        return True
    trip = journey(pair.person, pair.vacancy, pair.policy.travel)
    return is_within(trip, travel_limit(pair.person, pair.vacancy, pair.policy.travel))


def contract_is_accepted(pair: Pair) -> bool | None:
    """R24: a fixed term only where accepted, and at least six months of it unless opted in."""
    if pair.vacancy.is_permanent:
        return True
    if not pair.person.accepts_fixed_term or pair.person.accepts_short_fixed_term:
        return pair.person.accepts_fixed_term
    months = pair.vacancy.contract_months
    return None if months is None else months >= pair.policy.fit.min_fixed_term_months


HARD_CONSTRAINTS = (
    HardConstraint("registration", "R26", registration_is_live),
    HardConstraint("post", "R26", post_is_open),
    HardConstraint("ring_fence", "R26", post_is_outside_own_ring_fence),
    HardConstraint("scope", "R2", scope_reaches_employer),
    HardConstraint("promotion", "R15", post_is_no_promotion),
    HardConstraint("band", "R22", band_is_within_reach),
    HardConstraint("hours", "R23", hours_are_within_limits),
    HardConstraint("travel", "R23", journey_is_within_limit),
    HardConstraint("contract", "R24", contract_is_accepted),
)
"""R25 is not among them: a start past the protected day is allowed, and flagged `no_continuity_effect`."""


def _state(criterion: Criterion, pair: Pair) -> CriterionState:
    return criterion_state(
        criterion,
        pair.person,
        starts_on=pair.vacancy.starts_on,
        max_weeks_to_train=pair.policy.fit.max_weeks_to_train,
    )


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
