from __future__ import annotations

import pytest

from services.clearing.matching.explanation import Factor, score_factors
from services.clearing.matching.policy import REGION_DEFAULT, TravelPolicy, WeightsPolicy
from services.clearing.matching.profiles import DesirableSkill, HeldSkill, Person, Vacancy
from services.clearing.matching.rules import Pair
from services.clearing.matching.score import band_f, hours_f, pay_f, score, travel_f
from shared.vocabulary import ContractKind
from tests.clearing.matching.builders import person, vacancy


def factors(worker: Person, post: Vacancy) -> tuple[Factor, ...]:
    return score_factors(Pair(worker, post, REGION_DEFAULT))


def worked_example() -> tuple[Person, Vacancy]:
    """The worked number of 3.2; the 42 minutes are the person's own correction for the workplace."""
    worker = person(
        skills={"case_mgmt": HeldSkill(3), "safeguarding": HeldSkill(1), "excel": HeldSkill(2)},
        travel_corrections={"DY1": 42},
        accepts_fixed_term=True,
        working_patterns=frozenset({"office_hours"}),
    )
    post = vacancy(
        band=4,
        max_fte_pence=3_366_000,
        hours=3000,
        contract=ContractKind.FIXED_TERM,
        contract_months=12,
        working_pattern="office_hours",
        desirable=(
            DesirableSkill("case_mgmt", 3, 3),
            DesirableSkill("safeguarding", 2, 2),
            DesirableSkill("excel", 2, 1),
        ),
    )
    return worker, post


def test_the_worked_example_scores_7295() -> None:
    worker, post = worked_example()
    points = {factor.factor_id: factor.points for factor in factors(worker, post)}
    assert points == {
        "skills": 2905,
        "band": 1400,
        "travel": 900,
        "pay": 650,
        "hours": 640,
        "contract": 300,
        "pattern": 500,
    }
    assert score(worker, post, REGION_DEFAULT) == 7295


def test_a_skill_level_below_counts_half_and_two_below_counts_nothing() -> None:
    post = vacancy(desirable=(DesirableSkill("excel", 3, 1),))
    found = [factors(person(skills={"excel": HeldSkill(level)}), post)[0].f for level in (0, 1, 2, 3)]
    assert found == [0, 0, 50, 100]


def test_a_skill_not_held_never_counts_as_one_level_below() -> None:
    post = vacancy(desirable=(DesirableSkill("excel", 1, 1),))
    assert factors(person(skills={}), post)[0].f == 0


def test_a_post_without_desirable_skills_scores_half_for_them_and_says_so() -> None:
    factor = factors(person(), vacancy())[0]
    assert (factor.f, factor.is_assumed) == (50, True)


def test_whether_a_skill_is_declared_or_confirmed_is_shown_and_does_not_score() -> None:
    post = vacancy(desirable=(DesirableSkill("excel", 2, 1),))
    declared, confirmed = (
        factors(person(skills={"excel": HeldSkill(2, is_confirmed)}), post)[0] for is_confirmed in (False, True)
    )
    assert declared.points == confirmed.points
    assert declared.inputs["excel"].endswith("declared")
    assert confirmed.inputs["excel"].endswith("confirmed")


def test_band_scores_by_steps_down() -> None:
    assert [band_f(delta) for delta in (1, 0, -1, -2, -3, -7)] == [0, 100, 70, 40, 10, 10]


@pytest.mark.parametrize(
    ("minutes", "limit", "f"), [(0, 60, 100), (30, 60, 100), (42, 60, 60), (60, 60, 0), (90, 60, 0), (25, 20, 100)]
)
def test_travel_is_full_to_half_an_hour_then_falls_to_the_limit(minutes: int, limit: int, f: int) -> None:
    assert travel_f(minutes, limit, TravelPolicy()) == f


@pytest.mark.parametrize(
    ("post", "current", "f"),
    [(3_600_000, 3_600_000, 100), (3_366_000, 3_600_000, 65), (3_599_999, 3_600_000, 95), (2_000_000, 4_000_000, 0)],
)
def test_pay_loses_five_for_each_begun_percent_of_shortfall(post: int, current: int, f: int) -> None:
    assert pay_f(post, current) == f


@pytest.mark.parametrize(
    ("post", "current", "f"), [(3000, 3700, 64), (3700, 3700, 100), (3700, 1850, 0), (3701, 3700, 100)]
)
def test_hours_lose_two_for_each_whole_percent_either_way(post: int, current: int, f: int) -> None:
    assert hours_f(post, current) == f


@pytest.mark.parametrize(
    ("contract", "months", "f"),
    [
        (ContractKind.PERMANENT, None, 100),
        (ContractKind.FIXED_TERM, 12, 60),
        (ContractKind.FIXED_TERM, 11, 20),
        (ContractKind.SECONDMENT, 24, 60),
        (ContractKind.FIXED_TERM, None, 20),
    ],
)
def test_contract_scores_by_kind_and_length(contract: ContractKind, months: int | None, f: int) -> None:
    factor = factors(person(), vacancy(contract=contract, contract_months=months))[5]
    assert factor.f == f


def test_what_is_not_known_scores_half_and_is_marked() -> None:
    found = factors(person(), vacancy(outcode=None, max_fte_pence=None, hours=None))
    assumed = {factor.factor_id: factor.f for factor in found if factor.is_assumed}
    assert assumed == {"skills": 50, "travel": 50, "pay": 50, "hours": 50, "pattern": 50}


@pytest.mark.parametrize("changes", [{"skills": 36}, {"skills": -5, "band": 60}, {"skills": 35.0}])
def test_weights_are_whole_not_negative_and_sum_to_100(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="sum to 100"):
        WeightsPolicy(**changes)
