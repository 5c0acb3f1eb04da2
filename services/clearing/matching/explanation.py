"""Why a person and a post were matched, or not, in full (3.3): regenerated from the snapshot on demand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from services.clearing.matching.criteria import CriterionState
from services.clearing.matching.nearest_change import NearestChange, nearest_change
from services.clearing.matching.policy import RULES_VERSION, MatchingPolicy
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.ranking import rank_key
from services.clearing.matching.rules import Constraint, CriterionOutcome, Fit, Flag, Verdict, fit
from services.clearing.matching.score import Factor, score_factors

VERDICT_OF_STATE = {
    CriterionState.MET: Verdict.PASS,
    CriterionState.TRAINABLE: Verdict.PASS,
    CriterionState.UNMET: Verdict.FAIL,
    CriterionState.UNKNOWN: Verdict.UNKNOWN,
}


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
    found = fit(person, vacancy, policy)
    factors = score_factors(person, vacancy, policy)
    total = sum(factor.points for factor in factors)
    change = nearest_change(person, vacancy, policy, found)
    return Explanation(
        is_eligible=found.is_eligible,
        needs_review=found.needs_review,
        constraints=(*found.constraints, *(_as_constraint(outcome) for outcome in found.criteria)),
        criteria=found.criteria,
        factors=factors,
        score=total,
        rank_key=rank_key(person, vacancy, total, run.salt).in_words(),
        flags=tuple(sorted(found.flags)),
        nearest_change=change,
        sentence=_sentence(found, factors, change),
        versions=Versions(RULES_VERSION, policy.weights.version, policy.travel.version, run.run, run.snapshot_hash),
        allocation=allocation,
    )


def as_document(explanation: Explanation) -> dict[str, Any]:
    """The explanation object of 3.3 as plain JSON values."""
    document = asdict(explanation)
    document["factors"] = [{**asdict(factor), "points": factor.points} for factor in explanation.factors]
    document["criteria"] = [
        {"criterion_id": item.criterion.criterion_id, "text": item.criterion.text, "state": item.state.value}
        for item in explanation.criteria
    ]
    document["flags"] = [flag.value for flag in explanation.flags]
    return document


def _as_constraint(outcome: CriterionOutcome) -> Constraint:
    """A criterion beside the other constraints: what was asked, and where the person stands."""
    criterion = outcome.criterion
    return Constraint(
        constraint_id=f"criterion:{criterion.criterion_id}",
        rule="R28",
        verdict=VERDICT_OF_STATE[outcome.state],
        person_value=outcome.state.value,
        post_value=criterion.text or criterion.kind.value,
    )


def _sentence(found: Fit, factors: tuple[Factor, ...], change: NearestChange | None) -> str:
    """Plain English from the same data as the rest of the explanation."""
    if change is not None:
        return f"{_failures(found)} {_what_if(change)}"
    total = sum(factor.points for factor in factors)
    parts = ", ".join(f"{factor.factor_id} {factor.points:,}" for factor in factors)
    return f"Every limit and essential criterion {_standing(found)}. The score is {total:,} of 10,000: {parts}."


def _failures(found: Fit) -> str:
    reasons = [
        f"{item.constraint_id.replace('_', ' ')} ({item.person_value}; the post: {item.post_value})"
        for item in found.failed_constraints
    ]
    reasons += [f"criterion {item.criterion.criterion_id} is not met" for item in found.unmet_criteria]
    return f"Not a match: {'; '.join(reasons)}."


def _what_if(change: NearestChange) -> str:
    outcome = "It would be a match with one change" if change.makes_eligible else "The nearest change, not enough alone"
    return f"{outcome}: {change.change}."


def _standing(found: Fit) -> str:
    unknown = sum(item.verdict is Verdict.UNKNOWN for item in found.constraints)
    unknown += sum(item.state is CriterionState.UNKNOWN for item in found.criteria)
    trainable = [item for item in found.criteria if item.state is CriterionState.TRAINABLE]
    words = "holds"
    if trainable:
        weeks = max(item.criterion.weeks_to_train or 0 for item in trainable)
        words += f", {len(trainable)} of them after training of up to {weeks} weeks"
    if unknown:
        words += f"; {unknown} could not be decided from the profile and {'needs' if unknown == 1 else 'need'} a look"
    return words
