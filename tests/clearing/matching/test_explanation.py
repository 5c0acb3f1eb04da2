from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.clearing.matching.explanation import (
    AllocationOutcome,
    Explanation,
    NotProposed,
    RunIdentity,
    explain,
)
from services.clearing.matching.policy import REGION_DEFAULT, MatchingPolicy, RankOrder, WeightsPolicy
from services.clearing.matching.profiles import HeldSkill, Occupation, Person, Vacancy
from services.clearing.matching.ranking import rank_key, tie_hash
from services.clearing.matching.rules import Flag
from services.clearing.matching.snapshot import snapshot_hash
from shared.vocabulary import ContractKind
from tests.clearing.matching.builders import SANDWELL, experience, person, registration, skill, vacancy
from tests.clearing.matching.test_score import worked_example

RUN = RunIdentity(run="2026-11-16", snapshot_hash="0" * 64, salt="salt")


def explained(who: Person, post: Vacancy, **extra: Any) -> Explanation:
    return explain(who, post, REGION_DEFAULT, RUN, **extra)


def test_the_worked_example_explains_itself() -> None:
    found = explained(*worked_example())
    assert found.is_eligible
    assert found.score == sum(factor.points for factor in found.factors) == 7295
    assert found.rank_key == "ring 2, tier 3, 7295, ends 31 Mar 2027"
    assert found.nearest_change is None
    assert found.sentence == (
        "Every limit and essential criterion holds. The score is 7,295 of 10,000: skills 2,905, band 1,400, "
        "travel 900, pay 650, hours 640, contract 300, pattern 500."
    )
    assert found.versions.snapshot_hash == "0" * 64
    assert (found.versions.rules, found.versions.weights, found.versions.run) == ("2026-11", "2026-11", "2026-11-16")


def test_every_constraint_and_criterion_stands_in_it_with_both_values() -> None:
    found = explained(person(skills={}), vacancy(essential=(skill(text="Takes minutes unaided"),)))
    shown = {item.constraint_id: (item.verdict.value, item.person_value, item.post_value) for item in found.constraints}
    assert shown["band"] == ("pass", "band 5", "band 5")
    assert shown["hours"] == ("pass", "30 hours to 37 hours a week", "37 hours a week")
    assert shown["travel"] == ("pass", "up to 60 minutes", "about 30 minutes (5.8 miles in a straight line)")
    assert shown["criterion:E1"] == ("unknown", "unknown", "Takes minutes unaided")
    assert found.needs_review
    assert "1 could not be decided from the profile and needs a look" in found.sentence


@pytest.mark.parametrize(
    ("worker", "post", "turns", "change"),
    [
        ({}, {"band": 2}, "band", "accept in writing posts more than two bands lower"),
        ({}, {"hours": 2500}, "hours", "accept 25 hours a week"),
        ({"max_hours": 3500}, {"hours": 3700}, "hours", "accept 37 hours a week"),
        ({"max_travel_minutes": 25}, {}, "travel", "accept a journey of 30 minutes"),
        ({"max_miles": 5}, {}, "travel", "accept a workplace 6 miles away"),
        ({}, {"contract": ContractKind.FIXED_TERM, "contract_months": 12}, "contract", "accept fixed terms"),
        (
            {"accepts_fixed_term": True},
            {"contract": ContractKind.FIXED_TERM, "contract_months": 3},
            "contract",
            "accept fixed terms under 6 months",
        ),
        (
            {"occupations": (Occupation("legal", months=9),)},
            {"essential": (experience(12),)},
            "E1",
            "3 more months of the experience asked for",
        ),
        (
            {"registrations": ()},
            {"essential": (registration("lgv_c"),)},
            "E1",
            "a current registration: lgv_c",
        ),
        ({"is_live": False}, {}, "registration", "a registration that is active and not in a trial"),
    ],
)
def test_the_nearest_change_turns_the_one_thing_that_fails(
    worker: dict[str, Any], post: dict[str, Any], turns: str, change: str
) -> None:
    found = explained(person(**worker), vacancy(**post))
    assert found.nearest_change is not None
    assert (found.nearest_change.turns, found.nearest_change.change) == (turns, change)
    assert found.nearest_change.makes_eligible
    assert found.sentence.endswith(f"It would be a match with one change: {change}.")


def test_the_smallest_of_several_changes_is_named_as_not_enough_alone() -> None:
    found = explained(person(max_travel_minutes=25), vacancy(band=2, hours=2900))
    assert found.nearest_change is not None
    assert (found.nearest_change.turns, found.nearest_change.makes_eligible) == ("hours", False)
    assert "not enough alone" in found.sentence


def test_training_is_said_with_its_weeks() -> None:
    post = vacancy(essential=(skill(trainable=True, weeks_to_train=12),))
    found = explained(person(skills={"minute_taking": HeldSkill(1)}), post)
    assert "after training of up to 12 weeks" in found.sentence


def test_the_outcome_of_a_run_is_carried_with_its_cutoff() -> None:
    outcome = AllocationOutcome(
        is_proposed=False, reason=NotProposed.OPENINGS_TO_HIGHER_PRIORITY, cutoff="ring 1, tier 3, 8000, no end date"
    )
    assert explained(person(), vacancy(), allocation=outcome).allocation == outcome


def test_duties_are_flagged_in_it() -> None:
    assert explained(person(tier=1), vacancy(employer_id=SANDWELL)).flags == (Flag.STATUTORY_OFFER_DUTY,)


def test_r9_people_rank_by_ring_then_tier_then_score_then_end_then_verification_then_tie() -> None:
    post = vacancy()
    ranked = [
        (person(home_employer_id=post.employer_id, tier=5), 10),
        (person(successor_group="g", tier=5), 10),
        (person(tier=3), 9000),
        (person(tier=3, employment_ends_on=date(2027, 1, 1)), 8000),
        (person(tier=3, verified_at=datetime(2026, 11, 2, 8, 59, 59, 999999, tzinfo=UTC)), 8000),
        (person(tier=3), 8000),
        (person(tier=3, employment_ends_on=None), 8000),
        (person(tier=4), 9999),
    ]
    post = vacancy(successor_group="g")
    keys = [rank_key(who, post, score, "salt").sort_key(RankOrder.RING_FIRST) for who, score in ranked]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_r9_the_other_order_puts_tier_before_ring() -> None:
    own = rank_key(person(home_employer_id=SANDWELL, tier=4), vacancy(employer_id=SANDWELL), 1, "salt")
    far = rank_key(person(tier=3), vacancy(), 1, "salt")
    assert own.sort_key(RankOrder.RING_FIRST) < far.sort_key(RankOrder.RING_FIRST)
    assert far.sort_key(RankOrder.TIER_FIRST) < own.sort_key(RankOrder.TIER_FIRST)


def test_p10_the_tie_is_the_hash_of_the_salt_and_the_registration() -> None:
    assert tie_hash("salt", UUID(int=1)) == "4e9e74d46dc5d5f99da594777d7ac8492307855b0ba77eba7e932b2426600b1c"
    assert tie_hash("pepper", UUID(int=1)) != tie_hash("salt", UUID(int=1))


def test_p10_a_snapshot_is_the_same_in_any_order_and_another_for_any_change() -> None:
    people = [
        person(
            registration_id=UUID(int=n), skills={"b": HeldSkill(n), "a": HeldSkill(1)}, ticked_areas=frozenset("xyz")
        )
        for n in (1, 2, 3)
    ]
    posts = [vacancy(vacancy_id=UUID(int=n)) for n in (1, 2)]
    first = snapshot_hash(people, posts, REGION_DEFAULT)
    reordered = [
        person(
            registration_id=UUID(int=n), skills={"a": HeldSkill(1), "b": HeldSkill(n)}, ticked_areas=frozenset("zxy")
        )
        for n in (3, 1, 2)
    ]
    assert snapshot_hash(reordered, posts[::-1], REGION_DEFAULT) == first
    assert snapshot_hash([*people[:2], person(registration_id=UUID(int=3))], posts, REGION_DEFAULT) != first
    assert snapshot_hash(people, posts[:1], REGION_DEFAULT) != first
    other = MatchingPolicy(weights=WeightsPolicy(version="next", skills=30, band=25))
    assert snapshot_hash(people, posts, other) != first
    assert snapshot_hash([person(skills=None)], posts, REGION_DEFAULT) != snapshot_hash(
        [person(skills={})], posts, REGION_DEFAULT
    )
