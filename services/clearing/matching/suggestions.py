"""One vacancy and its candidates become suggestions, each with its explanation. Pure: no session, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.clearing.matching.explanation import Explanation, RunIdentity, explain
from services.clearing.matching.people import Candidate
from services.clearing.matching.policy import REGION_DEFAULT, MatchingPolicy
from services.clearing.matching.profiles import Vacancy as Post
from services.clearing.matching.ranking import rank_key
from services.clearing.matching.rules import Flag, is_eligible, ring_of
from services.clearing.matching.snapshot import snapshot_hash

EXPLANATION = TypeAdapter(Explanation)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One eligible person for one post. `rank_text` sorts as text in the order of R9, best first.

    `has_duty`: suitable work has to be offered to this person (R12); their tier is as of the day, so it still runs.
    """

    candidate: Candidate
    ring: int
    score: int
    rank_text: str
    explanation: dict[str, Any]
    has_duty: bool


def suggest(
    candidates: Iterable[Candidate],
    post: Post,
    window_id: UUID,
    *,
    policy: MatchingPolicy = REGION_DEFAULT,
) -> list[Suggestion]:
    """Everyone who passes the hard constraints (R22-R29), best rank first (R9).

    The window's id is the salt of the tie hash and stands in each explanation as the run.
    """
    eligible = [each for each in candidates if is_eligible(each.person, post, policy)]
    run = RunIdentity(str(window_id), _snapshot(eligible, post, policy), str(window_id))
    found = [_suggestion(each, post, policy, run) for each in eligible]
    return sorted(found, key=lambda suggestion: suggestion.rank_text)


def _snapshot(eligible: Sequence[Candidate], post: Post, policy: MatchingPolicy) -> str:
    return snapshot_hash((each.person for each in eligible), (post,), policy)


def _suggestion(candidate: Candidate, post: Post, policy: MatchingPolicy, run: RunIdentity) -> Suggestion:
    explanation = explain(candidate.person, post, policy, run)
    key = rank_key(candidate.person, post, explanation.score, run.salt)
    return Suggestion(
        candidate=candidate,
        ring=ring_of(candidate.person, post),
        score=explanation.score,
        rank_text=_as_text(key.sort_key(policy.order)),
        explanation=EXPLANATION.dump_python(explanation, mode="json"),
        has_duty=Flag.STATUTORY_OFFER_DUTY in explanation.flags,
    )


def _as_text(key: tuple[int, int, int, int, int, str]) -> str:
    """R9's key as text of fixed widths, so that the database sorts it the same way. The score is counted down."""
    first, second, minus_score, ends, verified, tie = key
    return f"{first}{second}-{10_000 + minus_score:05d}-{ends:07d}-{verified:017d}-{tie}"
