"""Whether the rules agree with a person's judgement of 300 pairs (figures of the rules as they stand)."""

from __future__ import annotations

from math import log2

import pytest

from services.clearing.matching.criteria import CriterionState
from services.clearing.matching.policy import REGION_DEFAULT
from services.clearing.matching.rules import Fit, fit
from services.clearing.matching.score import score
from tests.clearing.matching import labelled_matches as labelled
from tests.clearing.matching.labelled_matches import Judgement

pytestmark = pytest.mark.skipif(
    not labelled.is_present(), reason="the labelled matches are not in ../shared/data beside this checkout"
)


def fit_of(judged: Judgement) -> Fit:
    return fit(labelled.people()[judged.person], labelled.vacancies()[judged.vacancy], REGION_DEFAULT)


def score_of(judged: Judgement) -> int:
    return score(labelled.people()[judged.person], labelled.vacancies()[judged.vacancy], REGION_DEFAULT)


def test_every_good_match_is_found() -> None:
    good = [judged for judged in labelled.judgements() if judged.grade >= 2]
    missed = [(judged.person, judged.vacancy) for judged in good if not fit_of(judged).is_eligible]
    assert len(good) == 36
    assert missed == []


def test_no_pair_that_breaks_a_hard_constraint_is_matched_without_a_humans_look() -> None:
    broken = [judged for judged in labelled.judgements() if not judged.holds]
    matched = [judged for judged in broken if fit_of(judged).is_eligible]
    assert [judged for judged in matched if not fit_of(judged).needs_review] == []
    # a skill that the profile does not list, and that cannot be learnt, is unknown (R28): a human asks
    assert [(judged.person, judged.vacancy) for judged in matched] == [("P04", "V28"), ("P09", "V28")]


def test_trainable_gaps_are_those_the_judge_named() -> None:
    for judged in labelled.judgements():
        if judged.holds:
            gaps = {
                item.criterion.criterion_id
                for item in fit_of(judged).criteria
                if item.state is CriterionState.TRAINABLE
            }
            assert gaps == judged.trainable_gaps, judged


def test_the_order_of_the_first_five_agrees_with_the_judge() -> None:
    gains = [_ndcg_at_5(person) for person in labelled.people()]
    assert sum(gains) / len(gains) == pytest.approx(0.967, abs=0.001)


def _ndcg_at_5(person: str) -> float:
    judged = [item for item in labelled.judgements() if item.person == person]
    matched = sorted(
        (item for item in judged if fit_of(item).is_eligible), key=lambda item: (-score_of(item), item.vacancy)
    )
    best = sorted((item.grade for item in judged), reverse=True)
    return _gain([item.grade for item in matched]) / _gain(best)


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:5]))
