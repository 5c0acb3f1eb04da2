"""Numbers of time to hire 4.1, 4.2 and section 5, properties of section 7, and lifelines as an oracle."""

from __future__ import annotations

import warnings
from fractions import Fraction
from math import isfinite
from statistics import median as ordinary_median
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ats.time_to_hire.statistics import (
    HALF,
    QUARTER,
    Observation,
    day_when_left,
    median_interval,
    share_done_by,
    shares_by,
    summarise,
    survival_curve,
)
from services.ats.time_to_hire.vocabulary import Outcome

SPEC_EXAMPLE = "40 55 55+ 70 80+ 90 90 100+ 120 130+"
FREIREICH = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
# The other arm of the same trial, as every survival textbook prints it.
FREIREICH_PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
CODES = {0: Outcome.OPEN, 1: Outcome.FILLED, 2: Outcome.CANCELLED, 3: Outcome.FAILED}


def days(text: str) -> list[Observation]:
    """`70` was filled on day 70, `80+` is open on day 80."""
    return [
        Observation(int(word.rstrip("+")), Outcome.OPEN if word.endswith("+") else Outcome.FILLED)
        for word in text.split()
    ]


def coded(text: str) -> list[Observation]:
    """`60:1` is day and code: 1 filled, 2 cancelled, 3 failed, 0 open."""
    return [Observation(int(day), CODES[int(code)]) for day, code in (word.split(":") for word in text.split())]


def median_of(observations: list[Observation]) -> Fraction | None:
    return day_when_left(survival_curve(observations), HALF)


@pytest.fixture(scope="module")
def lifelines() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("lifelines")


def test_the_worked_example_of_the_median_with_open_vacancies() -> None:
    curve = survival_curve(days(SPEC_EXAMPLE))
    assert [(step.day, step.at_risk) for step in curve] == [(40, 10), (55, 9), (70, 7), (90, 5), (120, 2)]
    assert [step.survival for step in curve] == [
        Fraction(9, 10), Fraction(4, 5), Fraction(24, 35), Fraction(72, 175), Fraction(36, 175),
    ]  # fmt: skip
    assert day_when_left(curve, HALF) == 90
    filled = sorted(seen.days for seen in days(SPEC_EXAMPLE) if seen.outcome is Outcome.FILLED)
    assert (sum(filled) / len(filled), ordinary_median(filled)) == (77.5, 80)


def test_the_median_is_midway_when_exactly_half_is_left_and_more_is_filled_later() -> None:
    assert median_of(days("20 40 60 80")) == 50
    assert median_of(days("20 40 60 60+ 80 100+")) == 70
    assert median_of(days("20 40 60+ 80+")) == 40


def test_the_median_is_not_reached_while_more_than_half_is_open() -> None:
    assert median_of(days("20 40+ 60+")) is None
    assert median_of(days("20+ 40+")) is None
    assert median_of([]) is None


def test_quartiles_follow_the_rule_of_the_median() -> None:
    curve = survival_curve(days("20 40 60 80"))
    assert day_when_left(curve, 1 - QUARTER) == 30
    assert day_when_left(curve, QUARTER) == 70


def test_the_current_speed_median_lets_openings_enter_late() -> None:
    seen = [Observation(50), Observation(70, entry=20), Observation(90, Outcome.OPEN, entry=60), Observation(100)]
    curve = survival_curve(seen)
    assert [step.at_risk for step in curve] == [3, 3, 1]
    assert [step.survival for step in curve] == [Fraction(2, 3), Fraction(4, 9), 0]
    assert day_when_left(curve, HALF) == 70


def test_an_opening_that_enters_when_another_is_filled_was_not_at_risk_of_it() -> None:
    curve = survival_curve([Observation(50), Observation(60, entry=50), Observation(70)])
    assert [(step.day, step.at_risk) for step in curve] == [(50, 2), (60, 2), (70, 1)]


def test_an_opening_filled_on_the_day_of_its_advert_counts() -> None:
    curve = survival_curve(days("0 0+ 10"))
    assert [(step.day, step.at_risk, step.survival) for step in curve] == [(0, 3, Fraction(2, 3)), (10, 1, 0)]


@pytest.mark.parametrize(("entry", "last"), [(-1, 5), (0, -1), (6, 5), (5, 5)])
def test_an_observation_of_negative_or_no_length_is_refused_and_never_clamped(entry: int, last: int) -> None:
    with pytest.raises(ValueError, match="observed"):
        Observation(last, entry=entry)


def test_freireich_6_mp() -> None:
    curve = survival_curve(days(FREIREICH))
    assert {step.day: round(float(step.survival), 4) for step in curve} == {
        6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482,
    }  # fmt: skip
    assert day_when_left(curve, HALF) == 23
    assert median_interval(curve) == (13, None)
    assert round(next(step.standard_error for step in curve if step.day == 10), 4) == 0.0963
    assert (len(days(FREIREICH)), sum(step.filled for step in curve)) == (21, 9)


def test_freireich_placebo() -> None:
    curve = survival_curve(days(FREIREICH_PLACEBO))
    assert day_when_left(curve, HALF) == 8
    assert median_interval(curve) == (4, 11)
    assert (curve[-1].survival, curve[-1].standard_error) == (0, 0)


def test_lung(lifelines: ModuleType) -> None:
    lung = lifelines.datasets.load_lung()
    seen = [
        (int(sex), Observation(int(day), Outcome.FILLED if died else Outcome.OPEN))
        for sex, day, died in zip(lung["sex"], lung["time"], lung["status"], strict=True)
    ]
    all_of_them = summarise([observation for _, observation in seen])
    assert (all_of_them.openings, all_of_them.filled, all_of_them.median) == (228, 165, 310)
    assert (all_of_them.median_low, all_of_them.median_high) == (284, 361)
    by_sex = {sex: summarise([observation for other, observation in seen if other == sex]) for sex in (1, 2)}
    assert [(found.openings, found.filled, found.median) for found in by_sex.values()] == [
        (138, 112, 270),
        (90, 53, 426),
    ]


def test_waltons(lifelines: ModuleType) -> None:
    waltons = lifelines.datasets.load_waltons()
    seen = [
        (group, Observation(int(day), Outcome.FILLED if died else Outcome.OPEN))
        for day, died, group in zip(waltons["T"], waltons["E"], waltons["group"], strict=True)
    ]
    all_of_them = summarise([observation for _, observation in seen])
    assert (all_of_them.openings, all_of_them.filled, all_of_them.median) == (163, 156, 56)
    assert (all_of_them.median_low, all_of_them.median_high) == (53, 58)
    groups = {name: [seen_one for other, seen_one in seen if other == name] for name in ("miR-137", "control")}
    assert {name: (len(found), median_of(found)) for name, found in groups.items()} == {
        "miR-137": (34, 26),
        "control": (129, 58),
    }


def test_competing_outcomes_of_the_worked_example() -> None:
    seen = coded("30:1 45:2 50:1 60:1 60:0 75:1 90:2 100:1 110:0 120:1")
    by_day = {day: shares_by(seen, day) for day in (60, 100, 120)}
    expected = {60: ("0.30", "0.10", "0.60"), 100: ("0.54", "0.22", "0.24"), 120: ("0.78", "0.22", "0.00")}
    for day, (filled, cancelled, still_open) in expected.items():
        assert by_day[day][Outcome.FILLED] == Fraction(filled)
        assert by_day[day][Outcome.CANCELLED] == Fraction(cancelled)
        assert by_day[day][Outcome.OPEN] == Fraction(still_open)
    assert float(share_done_by(survival_curve(seen), 100)) == pytest.approx(0.64, abs=0.005)


def test_outcomes_of_the_same_day_share_what_was_open_before_it() -> None:
    shares = shares_by(coded("60:1 60:2 60:3 90:1"), 60)
    assert set(shares.values()) == {QUARTER}


def test_a_share_is_none_before_the_first_and_all_after_the_last() -> None:
    curve = survival_curve(days("20 40"))
    assert [share_done_by(curve, day) for day in (19, 20, 39, 40, 900)] == [0, HALF, HALF, 1, 1]


def test_a_summary_counts_what_it_rests_on_and_says_when_that_is_too_little() -> None:
    found = summarise(coded("30:1 45:2 50:1 60:3 60:0"))
    assert (found.openings, found.filled, found.still_open, found.cancelled, found.failed) == (5, 2, 1, 1, 1)
    assert not found.is_too_few
    assert summarise(coded("30:1 45:1 50:1 60:1")).is_too_few


def test_the_quartiles_are_the_days_with_three_and_one_quarter_left() -> None:
    found = summarise(days("10 20 30 40 50 60 70 80"))
    assert (found.first_quarter, found.median, found.third_quarter) == (25, 45, 65)
    found = summarise(days("10 20 30 40 50"))
    assert (found.first_quarter, found.median, found.third_quarter) == (20, 30, 40)


def test_an_opening_may_come_under_observation_on_the_day_before_its_last() -> None:
    assert Observation(2, entry=1).entry == 1


ages = st.integers(min_value=0, max_value=200)
openings = st.lists(st.builds(Observation, ages, st.sampled_from(Outcome)), min_size=1, max_size=40)
filled_or_open = st.lists(
    st.builds(Observation, ages, st.sampled_from([Outcome.FILLED, Outcome.OPEN])), min_size=1, max_size=40
)


@given(st.lists(ages, min_size=1, max_size=41))
def test_check_3_without_open_vacancies_the_median_is_the_ordinary_one(ended: list[int]) -> None:
    assert median_of([Observation(day) for day in ended]) == Fraction(ordinary_median(ended))


@given(filled_or_open, ages)
def test_check_4_an_open_vacancy_more_never_lowers_the_median(seen: list[Observation], age: int) -> None:
    before, after = median_of(seen), median_of([*seen, Observation(age, Outcome.OPEN)])
    assert after is None or (before is not None and after >= before)


@given(openings, ages)
def test_check_2_the_shares_of_all_outcomes_sum_to_one(seen: list[Observation], day: int) -> None:
    shares = shares_by(seen, day)
    assert sum(shares.values()) == 1
    assert min(shares.values()) >= 0


@given(filled_or_open, ages)
def test_without_competing_outcomes_the_filled_share_is_that_of_kaplan_meier(seen: list[Observation], day: int) -> None:
    assert shares_by(seen, day)[Outcome.FILLED] == share_done_by(survival_curve(seen), day)


@settings(max_examples=60)
@given(seen=filled_or_open)
def test_lifelines_agrees(lifelines: ModuleType, seen: list[Observation]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = lifelines.KaplanMeierFitter().fit(
            [observation.days for observation in seen],
            [observation.outcome is Outcome.FILLED for observation in seen],
        )
        limits = lifelines.utils.median_survival_times(fitted.confidence_interval_)
    curve = survival_curve(seen)
    for step in curve:
        assert float(fitted.predict(step.day)) == pytest.approx(float(step.survival), abs=1e-9)
    # lifelines multiplies floats and knows no midpoint, so its median is compared away from an exact half.
    if HALF not in {step.survival for step in curve}:
        theirs, ours = float(fitted.median_survival_time_), day_when_left(curve, HALF)
        assert (not isfinite(theirs) and ours is None) or theirs == ours
    # Where nobody is left, Greenwood's variance has no value: we say "not reached", as R does; lifelines takes zero.
    if all(step.survival for step in curve):
        for theirs, ours in zip((float(limit) for limit in limits.iloc[0]), median_interval(curve), strict=True):
            assert (not isfinite(theirs) and ours is None) or theirs == ours
