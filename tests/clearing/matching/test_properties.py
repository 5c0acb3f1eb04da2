"""Properties that matching must keep whatever the region looks like (3.5)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.clearing.matching.arrays import build_arrays, match_vacancy, registration_ids
from services.clearing.matching.explanation import RunIdentity, explain
from services.clearing.matching.policy import REGION_DEFAULT, MatchingPolicy, TravelPolicy
from services.clearing.matching.profiles import HeldSkill, Person, Vacancy
from services.clearing.matching.rules import Pair, fit
from services.clearing.matching.score import FACTORS, band_f, f_or_half, hours_f, pay_f, score, travel_f
from tests.clearing.matching.strategies import PEOPLE, POLICIES, VACANCIES, some

RUN = RunIdentity("run", "hash", "salt")
FORBIDDEN = (
    "age born birth sex gender ethnic race religion belief disab pregnan orientation name postcode nationality "
    "sickness union service length history redundancy_cost strain marital"
).split()


@some
@given(PEOPLE, VACANCIES, POLICIES)
def test_p12_points_sum_to_the_score_and_it_stays_between_nought_and_ten_thousand(
    who: Person, post: Vacancy, policy: MatchingPolicy
) -> None:
    found = explain(who, post, policy, RUN)
    assert found.score == sum(factor.points for factor in found.factors) == score(who, post, policy)
    assert all(0 <= factor.f <= 100 and factor.points == factor.weight * factor.f for factor in found.factors)
    assert 0 <= found.score <= 10_000
    assert sum(factor.weight for factor in found.factors) == 100


@some
@given(PEOPLE, VACANCIES, POLICIES)
def test_p12_more_of_a_skill_or_more_pay_never_lowers_the_score(
    who: Person, post: Vacancy, policy: MatchingPolicy
) -> None:
    before = score(who, post, policy)
    for wanted in post.desirable:
        held = who.skill_level(wanted.skill_id)
        better = replace(who, skills={**(who.skills or {}), wanted.skill_id: HeldSkill(min(3, held + 1))})
        assert score(better, post, policy) >= before
    if post.max_fte_pence is not None:
        assert score(who, replace(post, max_fte_pence=post.max_fte_pence + 50_000), policy) >= before


@some
@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_p12_a_shorter_journey_never_scores_less(minutes: int, less: int, limit: int) -> None:
    policy = TravelPolicy()
    assert travel_f(max(0, minutes - less), limit, policy) >= travel_f(minutes, limit, policy)


@some
@given(st.integers(1, 5_000_000), st.integers(1, 5_000_000), st.integers(0, 100_000))
def test_p12_more_pay_never_scores_less(post: int, current: int, more: int) -> None:
    assert pay_f(post + more, current) >= pay_f(post, current)
    assert 0 <= pay_f(post, current) <= 100


@some
@given(st.integers(100, 5000), st.integers(0, 5000), st.integers(0, 5000))
def test_p12_hours_nearer_to_the_present_ones_never_score_less(current: int, near: int, far: int) -> None:
    near, far = min(near, far), max(near, far)
    assert hours_f(current + near, current) >= hours_f(current + far, current)
    assert hours_f(max(0, current - near), current) >= hours_f(max(0, current - far), current)


def test_p12_a_band_nearer_to_the_present_one_never_scores_less() -> None:
    assert [band_f(-drop) for drop in range(12)] == sorted((band_f(-drop) for drop in range(12)), reverse=True)


@pytest.mark.parametrize("kind", [Person, Vacancy])
def test_p11_no_forbidden_fact_has_a_place_in_what_matching_reads(kind: type) -> None:
    """R52: what has no field cannot change a result."""
    named = {field.name for field in fields(kind)}
    assert [name for name in named if any(word in name.split("_") for word in FORBIDDEN)] == []


@some
@given(PEOPLE, VACANCIES, POLICIES, st.uuids(version=4))
def test_p11_who_someone_is_and_when_they_leave_sway_neither_fit_nor_score(
    who: Person, post: Vacancy, policy: MatchingPolicy, other_id: object
) -> None:
    """Ids, the end of employment, the day of verification and the tier order people (R9); they never judge them."""
    other = replace(
        who,
        registration_id=other_id,
        employment_ends_on=None,
        verified_at=who.verified_at + timedelta(days=400),
        tier=6 - who.tier,
    )
    assert fit(other, post, policy).holds == fit(who, post, policy).holds
    assert fit(other, post, policy).criteria == fit(who, post, policy).criteria
    assert score(other, post, policy) == score(who, post, policy)


@some
@given(PEOPLE, VACANCIES)
def test_p11_a_confirmed_skill_scores_as_a_declared_one(who: Person, post: Vacancy) -> None:
    confirmed = None if who.skills is None else {name: HeldSkill(held.level, True) for name, held in who.skills.items()}
    assert score(replace(who, skills=confirmed), post, REGION_DEFAULT) == score(who, post, REGION_DEFAULT)


@some
@given(st.lists(PEOPLE, max_size=5, unique_by=lambda who: who.registration_id), PEOPLE, VACANCIES, POLICIES)
def test_p14_another_person_in_the_region_changes_nobody_elses_result(
    people: list[Person], newcomer: Person, post: Vacancy, policy: MatchingPolicy
) -> None:
    assume(newcomer.registration_id not in {who.registration_id for who in people})
    without, within = (_results(group, post, policy) for group in (people, [*people, newcomer]))
    within.pop(newcomer.registration_id, None)
    assert within == without


@some
@given(PEOPLE, VACANCIES, POLICIES)
def test_the_same_pair_is_always_explained_in_the_same_words(
    who: Person, post: Vacancy, policy: MatchingPolicy
) -> None:
    assert explain(who, post, policy, RUN) == explain(replace(who), replace(post), policy, RUN)


@some
@given(PEOPLE, VACANCIES, POLICIES)
def test_an_explanation_agrees_with_the_fit_and_names_a_change_exactly_when_something_fails(
    who: Person, post: Vacancy, policy: MatchingPolicy
) -> None:
    found, judged = explain(who, post, policy, RUN), fit(who, post, policy)
    verdicts = [item.verdict.value for item in found.constraints]
    assert found.is_eligible == judged.is_eligible == ("fail" not in verdicts)
    assert found.needs_review == judged.needs_review == ("unknown" in verdicts)
    assert (found.nearest_change is None) == found.is_eligible
    if found.nearest_change is not None:
        assert found.nearest_change.makes_eligible == (verdicts.count("fail") == 1)


@some
@given(PEOPLE, VACANCIES)
def test_loosening_ones_own_limits_never_loses_a_match(who: Person, post: Vacancy) -> None:
    looser = replace(
        who,
        min_hours=None,
        max_hours=None,
        max_travel_minutes=500,
        max_miles=None,
        hybrid_max_travel_minutes=None,
        accepts_fixed_term=True,
        accepts_short_fixed_term=True,
        accepts_more_than_two_bands_lower=True,
        ticked_areas=frozenset({"SAW", "DUD", "HEF"}),
    )
    if fit(who, post, REGION_DEFAULT).is_eligible:
        assert fit(looser, post, REGION_DEFAULT).is_eligible


@some
@given(PEOPLE, VACANCIES)
def test_every_factor_has_its_weight(who: Person, post: Vacancy) -> None:
    pair = Pair(who, post, REGION_DEFAULT)
    weights = {name: REGION_DEFAULT.weights.of(name) for name, _ in FACTORS}
    assert weights == {"skills": 35, "band": 20, "travel": 15, "pay": 10, "hours": 10, "contract": 5, "pattern": 5}
    assert all(0 <= f_or_half(find(pair)) <= 100 for _, find in FACTORS)


def _results(people: list[Person], post: Vacancy, policy: MatchingPolicy) -> dict[object, tuple[int, bool]]:
    arrays = build_arrays(people, [post], policy)
    found = match_vacancy(arrays, post)
    ids = registration_ids(arrays, found.rows)
    return {who: (int(found.scores[place]), bool(found.needs_review[place])) for place, who in enumerate(ids)}
