from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.clearing.matching.policy import REGION_DEFAULT, TravelPolicy
from services.clearing.matching.profiles import HeldSkill, Person, Vacancy
from services.clearing.matching.rules import HARD_CONSTRAINTS, Flag, fit, is_eligible, ring_of
from services.clearing.matching.travel import minutes_of_metres
from shared.vocabulary import ContractKind
from tests.clearing.matching.builders import DUDLEY, SANDWELL, person, skill, vacancy

PASS, FAIL, UNKNOWN = True, False, None


def verdict(constraint_id: str, who: Person, post: Vacancy) -> bool | None:
    """What a constraint answers; `is_eligible` must agree with the whole."""
    found = fit(who, post, REGION_DEFAULT)
    assert is_eligible(who, post, REGION_DEFAULT) == found.is_eligible
    answers = zip(HARD_CONSTRAINTS, found.holds, strict=True)
    return next(holds for constraint, holds in answers if constraint.constraint_id == constraint_id)


def test_the_plain_pair_fits() -> None:
    found = fit(person(), vacancy(), REGION_DEFAULT)
    assert found.is_eligible
    assert not found.needs_review
    assert found.flags == frozenset()


@pytest.mark.parametrize(
    ("band", "opted_in", "expected"),
    [(5, False, PASS), (4, False, PASS), (3, False, PASS), (2, False, FAIL), (2, True, PASS), (1, True, PASS)],
)
def test_r22_bands_down_to_two_lower_and_further_only_by_opt_in(band: int, *, expected: bool, opted_in: bool) -> None:
    assert verdict("band", person(accepts_more_than_two_bands_lower=opted_in), vacancy(band=band)) is expected


def test_r15_a_higher_band_is_promotion_and_no_opt_in_changes_that() -> None:
    found = fit(person(accepts_more_than_two_bands_lower=True), vacancy(band=6), REGION_DEFAULT)
    assert [(item.constraint_id, item.rule) for item in found.failed_constraints] == [("promotion", "R15")]


@pytest.mark.parametrize(
    ("hours", "expected"), [(3000, PASS), (3700, PASS), (2999, FAIL), (3701, FAIL), (None, UNKNOWN)]
)
def test_r23_hours_within_the_persons_least_and_most(hours: int | None, expected: bool | None) -> None:
    assert verdict("hours", person(), vacancy(hours=hours)) is expected


def test_r23_a_limit_of_hours_not_stated_does_not_limit() -> None:
    assert verdict("hours", person(min_hours=None, max_hours=None), vacancy(hours=500)) is PASS


@pytest.mark.parametrize(
    ("metres", "minutes"), [(0, 10), (1, 15), (2_564, 15), (2_565, 20), (10_000, 30), (25_641, 60), (25_642, 65)]
)
def test_r23_minutes_are_the_straight_line_by_detour_and_speed_rounded_up_to_five(metres: int, minutes: int) -> None:
    assert minutes_of_metres(metres, TravelPolicy()) == minutes


def test_r23_the_constants_are_policy() -> None:
    faster = TravelPolicy(version="2027-04", speed_kmh=80, base_minutes=5, round_up_to=1)
    assert minutes_of_metres(40_000, faster) == 44


def test_r23_a_journey_longer_than_the_limit_fails_unless_the_area_is_ticked() -> None:
    far = vacancy(outcode="HR1", workplace_area="HEF")
    assert verdict("travel", person(), far) is FAIL
    assert verdict("travel", person(ticked_areas=frozenset({"HEF"})), far) is PASS
    assert verdict("travel", person(max_travel_minutes=180), far) is PASS


def test_r23_places_not_known_are_unknown_and_send_the_match_to_a_human() -> None:
    for who, post in ((person(outcode=None), vacancy()), (person(), vacancy(outcode="ZZ9"))):
        found = fit(who, post, REGION_DEFAULT)
        assert verdict("travel", who, post) is UNKNOWN
        assert found.is_eligible
        assert found.needs_review


def test_r23_a_person_may_correct_the_minutes_for_a_workplace() -> None:
    assert verdict("travel", person(travel_corrections={"HR1": 60}), vacancy(outcode="HR1")) is PASS
    assert verdict("travel", person(travel_corrections={"DY1": 61}), vacancy(outcode="DY1")) is FAIL


def test_r23_a_limit_in_miles_is_judged_in_miles() -> None:
    # B66 to DY1 is 9,256 metres: 5.75 miles, and 30 minutes like every distance up to 6.37 miles
    assert verdict("travel", person(max_miles=6), vacancy()) is PASS
    assert verdict("travel", person(max_miles=5), vacancy()) is FAIL


def test_r23_hybrid_posts_use_the_hybrid_limit_where_the_person_set_one() -> None:
    far = {"outcode": "HR1"}
    assert verdict("travel", person(hybrid_max_travel_minutes=180), vacancy(**far, office_days=2)) is PASS
    assert verdict("travel", person(hybrid_max_travel_minutes=180), vacancy(**far, office_days=3)) is FAIL
    assert verdict("travel", person(), vacancy(**far, office_days=1)) is FAIL
    assert verdict("travel", person(), vacancy(**far, office_days=0)) is PASS


@pytest.mark.parametrize(
    ("limits", "months", "expected"),
    [
        ({}, 12, FAIL),
        ({"accepts_fixed_term": True}, 12, PASS),
        ({"accepts_fixed_term": True}, 6, PASS),
        ({"accepts_fixed_term": True}, 5, FAIL),
        ({"accepts_fixed_term": True}, None, UNKNOWN),
        ({"accepts_fixed_term": True, "accepts_short_fixed_term": True}, 3, PASS),
        ({"accepts_short_fixed_term": True}, 12, FAIL),
    ],
)
def test_r24_fixed_terms_only_where_accepted(limits: dict[str, Any], months: int | None, expected: bool | None) -> None:
    post = vacancy(contract=ContractKind.FIXED_TERM, contract_months=months)
    assert verdict("contract", person(**limits), post) is expected


def test_r25_a_start_past_the_protected_day_is_allowed_and_flagged() -> None:
    worker = person(latest_protected_start=date(2027, 4, 28))
    assert fit(worker, vacancy(starts_on=date(2027, 4, 28)), REGION_DEFAULT).flags == frozenset()
    late = fit(worker, vacancy(starts_on=date(2027, 4, 29)), REGION_DEFAULT)
    assert late.is_eligible
    assert late.flags == {Flag.NO_CONTINUITY_EFFECT}


@pytest.mark.parametrize("closed", [{"is_open": False}, {"is_funded": False}, {"openings": 0}])
def test_r26_the_post_is_open_funded_and_has_an_opening(closed: dict[str, Any]) -> None:
    assert verdict("post", person(), vacancy(**closed)) is FAIL


def test_r26_only_live_registrations_match() -> None:
    assert verdict("registration", person(is_live=False), vacancy()) is FAIL


def test_r26_a_post_in_the_persons_own_ring_fence_is_settled_there() -> None:
    pool = UUID(int=7)
    assert verdict("ring_fence", person(ring_fences=frozenset({pool})), vacancy(ring_fence=pool)) is FAIL
    assert verdict("ring_fence", person(), vacancy(ring_fence=pool)) is PASS


def test_r2_reasons_without_regional_scope_reach_the_own_council_only() -> None:
    assert verdict("scope", person(is_own_council_only=True), vacancy(employer_id=DUDLEY)) is FAIL
    assert verdict("scope", person(is_own_council_only=True), vacancy(employer_id=SANDWELL)) is PASS


@pytest.mark.parametrize(
    ("worker", "post", "ring"),
    [
        ({}, {"employer_id": SANDWELL}, 0),
        ({"successor_group": "black_country"}, {"successor_group": "black_country"}, 1),
        ({"successor_group": "black_country"}, {"successor_group": "other"}, 2),
        ({}, {}, 2),
    ],
)
def test_rings_are_own_council_then_successor_group_then_region(
    worker: dict[str, Any], post: dict[str, Any], ring: int
) -> None:
    assert ring_of(person(**worker), vacancy(**post)) == ring


def test_r29_unknown_never_fails_and_unmet_always_does() -> None:
    post, nothing_said = vacancy(essential=(skill(),)), person(skills={})
    unknown = fit(nothing_said, post, REGION_DEFAULT)
    assert (unknown.is_eligible, unknown.needs_review) == (True, True)
    assert is_eligible(nothing_said, post, REGION_DEFAULT)
    without = person(skills={"minute_taking": HeldSkill(0)})
    unmet = fit(without, post, REGION_DEFAULT)
    assert (unmet.is_eligible, unmet.needs_review) == (False, False)
    assert not is_eligible(without, post, REGION_DEFAULT)


@pytest.mark.parametrize(
    ("tier", "employer", "group", "flags"),
    [
        (1, SANDWELL, None, {Flag.STATUTORY_OFFER_DUTY}),
        (1, DUDLEY, "black_country", {Flag.STATUTORY_OFFER_DUTY}),
        (1, DUDLEY, None, set()),
        (2, SANDWELL, None, {Flag.ADJUSTMENT_DUTY}),
        (2, DUDLEY, "black_country", set()),
        (3, SANDWELL, None, set()),
    ],
)
def test_r12_r13_duties_of_the_home_council_and_its_successor_are_flagged(
    tier: int, employer: UUID, group: str | None, flags: set[Flag]
) -> None:
    worker = person(tier=tier, successor_group="black_country")
    assert fit(worker, vacancy(employer_id=employer, successor_group=group), REGION_DEFAULT).flags == flags
