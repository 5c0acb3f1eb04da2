"""The fast form gives the plain definition's answers, to the point."""

from __future__ import annotations

from datetime import date
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearing.matching.arrays import (
    build_arrays,
    match_person,
    match_region,
    match_vacancy,
    rank,
    registration_ids,
    rings,
)
from services.clearing.matching.columns import people_columns
from services.clearing.matching.criteria import experience_months
from services.clearing.matching.criterion_columns import criterion_columns
from services.clearing.matching.policy import REGION_DEFAULT, MatchingPolicy, TravelPolicy
from services.clearing.matching.profiles import Criterion, Occupation, Person, Vacancy
from services.clearing.matching.ranking import rank_key
from services.clearing.matching.rules import fit, ring_of
from services.clearing.matching.score import score
from shared.vocabulary import CriterionKind
from tests.bench import region_data
from tests.clearing.matching.builders import experience, person, vacancy
from tests.clearing.matching.strategies import CRITERIA, PEOPLE, POLICIES, STARTS, VACANCIES, some

REGION = st.tuples(
    st.lists(PEOPLE, max_size=6, unique_by=lambda who: who.registration_id),
    st.lists(VACANCIES, max_size=4, unique_by=lambda post: post.vacancy_id),
    POLICIES,
)
Pairs = dict[tuple[UUID, UUID], tuple[int, bool]]


def plain(people: list[Person], posts: list[Vacancy], policy: MatchingPolicy) -> Pairs:
    found: Pairs = {}
    for who in people:
        for post in posts:
            judged = fit(who, post, policy)
            if judged.is_eligible:
                found[who.registration_id, post.vacancy_id] = (score(who, post, policy), judged.needs_review)
    return found


def fast(people: list[Person], posts: list[Vacancy], policy: MatchingPolicy) -> Pairs:
    arrays = build_arrays(people, posts, policy)
    found = match_region(arrays)
    return {
        (arrays.people.people[who].registration_id, arrays.vacancies.vacancies[post].vacancy_id): (
            int(found.scores[place]),
            bool(found.needs_review[place]),
        )
        for place, (who, post) in enumerate(zip(found.people, found.vacancies, strict=True))
    }


@some
@given(REGION)
def test_all_pairs_of_any_small_region_are_those_of_the_plain_definition(
    region: tuple[list[Person], list[Vacancy], MatchingPolicy],
) -> None:
    assert fast(*region) == plain(*region)


@some
@given(REGION)
def test_one_person_gets_the_same_vacancies_best_first(
    region: tuple[list[Person], list[Vacancy], MatchingPolicy],
) -> None:
    people, posts, policy = region
    arrays = build_arrays([], posts, policy)
    for who in people:
        matches = match_person(arrays, who)
        found = {(who.registration_id, item.vacancy.vacancy_id): (item.score, item.needs_review) for item in matches}
        assert found == plain([who], posts, policy)
        assert [item.score for item in matches] == sorted((item.score for item in matches), reverse=True)


@some
@given(REGION)
def test_a_vacancy_ranks_people_as_their_rank_keys_do(
    region: tuple[list[Person], list[Vacancy], MatchingPolicy],
) -> None:
    people, posts, policy = region
    arrays = build_arrays(people, posts, policy)
    for post in posts:
        matches = match_vacancy(arrays, post)
        eligible = [arrays.people.people[row] for row in matches.rows]
        assert list(rings(arrays, post, matches.rows)) == [ring_of(who, post) for who in eligible]
        keys = {
            who.registration_id: rank_key(who, post, score(who, post, policy), "salt").sort_key(policy.order)
            for who in eligible
        }
        ranked = registration_ids(arrays, matches.rows[rank(arrays, post, matches, "salt")])
        assert ranked == sorted(keys, key=lambda registration_id: keys[registration_id])


@some
@given(st.lists(PEOPLE, min_size=1, max_size=4, unique_by=lambda who: who.registration_id), CRITERIA, STARTS)
def test_a_criterion_kept_from_one_vacancy_answers_for_another(
    people: list[Person], criterion: Criterion, starts_on: object
) -> None:
    posts = [
        vacancy(vacancy_id=UUID(int=1), essential=(criterion,), starts_on=None),
        vacancy(vacancy_id=UUID(int=2), essential=(criterion,), starts_on=starts_on),
        vacancy(vacancy_id=UUID(int=3), essential=(criterion, criterion)),
    ]
    assert fast(people, posts, REGION_DEFAULT) == plain(people, posts, REGION_DEFAULT)


def test_a_sample_of_a_correlated_region_equals_the_plain_definition() -> None:
    people, posts = region_data.people(300), region_data.vacancies(120)
    found = fast(people, posts, REGION_DEFAULT)
    assert found == plain(people, posts, REGION_DEFAULT)
    assert len(found) > 500
    assert any(needs_review for _, needs_review in found.values())
    assert not all(needs_review for _, needs_review in found.values())


def test_p10_the_order_of_the_input_changes_nothing() -> None:
    people, posts = region_data.people(60), region_data.vacancies(20)
    first = match_region(build_arrays(people, posts, REGION_DEFAULT))
    Random(7).shuffle(people)
    Random(8).shuffle(posts)
    second = match_region(build_arrays(people, posts, REGION_DEFAULT))
    for name in ("people", "vacancies", "scores", "needs_review", "starts"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


def test_a_vacancys_part_of_the_region_is_what_it_gets_alone() -> None:
    arrays = build_arrays(region_data.people(80), region_data.vacancies(30), REGION_DEFAULT)
    region = match_region(arrays)
    assert len(region) == region.starts[-1]
    for row, post in enumerate(arrays.vacancies.vacancies):
        alone, part = match_vacancy(arrays, post), region.of_vacancy(row)
        assert (list(alone.rows), list(alone.scores)) == (list(part.rows), list(part.scores))


def test_a_region_without_people_or_without_posts_has_no_matches() -> None:
    assert len(match_region(build_arrays([], [vacancy()], REGION_DEFAULT))) == 0
    assert len(match_region(build_arrays([person()], [], REGION_DEFAULT))) == 0
    assert match_person(build_arrays([], [], REGION_DEFAULT), person()) == ()


def test_a_registration_or_a_vacancy_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        build_arrays([person(), person()], [], REGION_DEFAULT)
    with pytest.raises(ValueError, match="once"):
        build_arrays([], [vacancy(), vacancy()], REGION_DEFAULT)


def dated(start: date, end: date) -> Occupation:
    return Occupation("legal", started_on=start, ended_on=end)


@pytest.mark.parametrize(
    ("jobs", "months"),
    [
        ([dated(date(2020, 1, 1), date(2020, 2, 14)), dated(date(2020, 2, 15), date(2020, 3, 31))], 3),
        ([dated(date(2020, 1, 1), date(2020, 2, 14)), dated(date(2020, 2, 16), date(2020, 3, 31))], 2),
        ([dated(date(2020, 1, 1), date(2020, 12, 31)), dated(date(2020, 3, 1), date(2020, 5, 31))], 12),
        ([dated(date(2020, 1, 15), date(2020, 2, 14))], 1),
        ([dated(date(2020, 1, 15), date(2020, 2, 13))], 0),
        ([dated(date(2020, 1, 1), date(2020, 6, 30)), Occupation("legal", months=2)], 8),
        ([], 0),
    ],
)
def test_months_of_awkward_jobs_are_counted_alike(jobs: list[Occupation], months: int) -> None:
    """Beside a neighbour whose jobs begin and end on the same days."""
    people = [person(registration_id=UUID(int=n), occupations=tuple(jobs)) for n in (1, 2)]
    columns = criterion_columns(people_columns(people, TravelPolicy()))
    asked = [experience(wanted) for wanted in (months, months + 1)]
    assert [experience_months(jobs, item) for item in asked] == [months, months]
    assert [list(columns.states(item, None, 26)) for item in asked] == [[0, 0], [2, 2]]


@some
@given(st.lists(PEOPLE, min_size=1, max_size=3, unique_by=lambda who: who.registration_id), CRITERIA)
def test_months_of_experience_are_counted_alike(people: list[Person], criterion: Criterion) -> None:
    """Met at exactly the months there are, and not at one more."""
    columns = criterion_columns(people_columns(people, TravelPolicy()))
    for row, who in enumerate(columns.columns.people):
        months = experience_months(who.occupations or (), criterion)
        asked = [
            Criterion(
                criterion_id="E1",
                kind=CriterionKind.EXPERIENCE,
                families=criterion.families,
                soc_codes=criterion.soc_codes,
                months=wanted,
            )
            for wanted in (months, months + 1)
        ]
        if who.occupations is not None:
            assert [int(columns.states(item, None, 26)[row]) for item in asked] == [0, 2]
