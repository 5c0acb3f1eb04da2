"""Why a person and a post were matched, or not, in full (3.3): regenerated from the snapshot on demand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.clearing.matching.criteria import CriterionState
from services.clearing.matching.nearest_change import NearestChange, nearest_change
from services.clearing.matching.policy import RULES_VERSION, MatchingPolicy
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.ranking import rank_key
from services.clearing.matching.rules import HARD_CONSTRAINTS, CriterionOutcome, Fit, Flag, Pair, fit
from services.clearing.matching.score import FACTORS, f_or_half
from services.clearing.matching.values import CONSTRAINT_VALUES, FACTOR_INPUTS

CRITERION = "criterion:"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - the word of the explanation (3.3)
    FAIL = "fail"
    UNKNOWN = "unknown"


VERDICT_OF_STATE = {
    CriterionState.MET: Verdict.PASS,
    CriterionState.TRAINABLE: Verdict.PASS,
    CriterionState.UNMET: Verdict.FAIL,
    CriterionState.UNKNOWN: Verdict.UNKNOWN,
}


VERDICT_OF_ANSWER = {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One hard constraint or criterion of one pair. The values are words, without personal reasons."""

    constraint_id: str
    rule: str
    verdict: Verdict
    person_value: str
    post_value: str


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor's part of the score: points = weight x f. `is_assumed` marks an f for what is not known."""

    factor_id: str
    weight: int
    f: int
    points: int
    inputs: dict[str, str]
    is_assumed: bool = False


class NotProposed(StrEnum):
    OPENINGS_TO_HIGHER_PRIORITY = "openings_to_higher_priority"
    PROPOSED_TO_PREFERRED = "proposed_to_preferred"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True)
class AllocationOutcome:
    """What a regional run made of the pair. `cutoff` is the lowest accepted rank key in words, without identity."""

    is_proposed: bool
    reason: NotProposed | None = None
    cutoff: str | None = None


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Which run, over which snapshot, with which published salt for ties."""

    run: str
    snapshot_hash: str
    salt: str


@dataclass(frozen=True, slots=True)
class Versions:
    rules: str
    weights: str
    travel: str
    run: str
    snapshot_hash: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a person may see of a match. The factors' points sum to the score exactly."""

    is_eligible: bool
    needs_review: bool
    constraints: tuple[Constraint, ...]
    criteria: tuple[CriterionOutcome, ...]
    factors: tuple[Factor, ...]
    score: int
    rank_key: str
    flags: tuple[Flag, ...]
    nearest_change: NearestChange | None
    sentence: str
    versions: Versions
    allocation: AllocationOutcome | None = None


def explain(
    person: Person,
    vacancy: Vacancy,
    policy: MatchingPolicy,
    run: RunIdentity,
    allocation: AllocationOutcome | None = None,
) -> Explanation:
    """The full explanation of one pair, eligible or not."""
    pair = Pair(person, vacancy, policy)
    found = fit(person, vacancy, policy)
    constraints = (*_constraints(pair, found), *(_as_constraint(outcome) for outcome in found.criteria))
    factors = score_factors(pair)
    total = sum(factor.points for factor in factors)
    change = nearest_change(person, vacancy, policy, found)
    return Explanation(
        is_eligible=found.is_eligible,
        needs_review=found.needs_review,
        constraints=constraints,
        criteria=found.criteria,
        factors=factors,
        score=total,
        rank_key=rank_key(person, vacancy, total, run.salt).in_words(),
        flags=tuple(sorted(found.flags)),
        nearest_change=change,
        sentence=_sentence(constraints, found, factors, change),
        versions=Versions(RULES_VERSION, policy.weights.version, policy.travel.version, run.run, run.snapshot_hash),
        allocation=allocation,
    )


def score_factors(pair: Pair) -> tuple[Factor, ...]:
    """The seven factors of a pair, in the order of 3.2's table: their points are the score."""
    factors = []
    for name, find in FACTORS:
        found = find(pair)
        weight, f = pair.policy.weights.of(name), f_or_half(found)
        factors.append(Factor(name, weight, f, weight * f, FACTOR_INPUTS[name](pair), is_assumed=found is None))
    return tuple(factors)


def _constraints(pair: Pair, found: Fit) -> tuple[Constraint, ...]:
    return tuple(
        Constraint(
            constraint.constraint_id,
            constraint.rule,
            VERDICT_OF_ANSWER[holds],
            *CONSTRAINT_VALUES[constraint.constraint_id](pair),
        )
        for constraint, holds in zip(HARD_CONSTRAINTS, found.holds, strict=True)
    )


def _as_constraint(outcome: CriterionOutcome) -> Constraint:
    """A criterion beside the other constraints: what was asked, and where the person stands."""
    criterion = outcome.criterion
    return Constraint(
        constraint_id=f"{CRITERION}{criterion.criterion_id}",
        rule="R28",
        verdict=VERDICT_OF_STATE[outcome.state],
        person_value=outcome.state.value,
        post_value=criterion.text or criterion.kind.value,
    )


def _sentence(
    constraints: tuple[Constraint, ...], found: Fit, factors: tuple[Factor, ...], change: NearestChange | None
) -> str:
    """Plain English from the same data as the rest of the explanation."""
    if change is not None:
        return f"{_failures(constraints)} {_what_if(change)}"
    total = sum(factor.points for factor in factors)
    parts = ", ".join(f"{factor.factor_id} {factor.points:,}" for factor in factors)
    unknown = sum(item.verdict is Verdict.UNKNOWN for item in constraints)
    standing = f"holds{_training(found)}"
    if unknown:
        standing += (
            f"; {unknown} could not be decided from the profile and {'needs' if unknown == 1 else 'need'} a look"
        )
    return f"Every limit and essential criterion {standing}. The score is {total:,} of 10,000: {parts}."


def _failures(constraints: tuple[Constraint, ...]) -> str:
    failed = [item for item in constraints if item.verdict is Verdict.FAIL]
    reasons = [
        f"criterion {item.constraint_id.removeprefix(CRITERION)} is not met"
        if item.constraint_id.startswith(CRITERION)
        else f"{item.constraint_id.replace('_', ' ')} ({item.person_value}; the post: {item.post_value})"
        for item in failed
    ]
    return f"Not a match: {'; '.join(reasons)}."


def _what_if(change: NearestChange) -> str:
    outcome = "It would be a match with one change" if change.makes_eligible else "The nearest change, not enough alone"
    return f"{outcome}: {change.change}."


def _training(found: Fit) -> str:
    trainable = [
        item.criterion.weeks_to_train or 0 for item in found.criteria if item.state is CriterionState.TRAINABLE
    ]
    return f", {len(trainable)} of them after training of up to {max(trainable)} weeks" if trainable else ""
