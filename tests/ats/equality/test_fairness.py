"""Whether a group fared worse at a stage: the numbers of time to hire, section 4.8."""

from __future__ import annotations

import pytest

from services.ats.equality.fairness import Passed, Verdict, compare, compared_at, fewest_expected, likelihood
from services.ats.equality.questions import PREFER_NOT_TO_SAY
from services.ats.equality.rules import EVERYONE, FunnelStage

SHORTLISTED, INTERVIEWED = FunnelStage.SHORTLISTED, FunnelStage.INTERVIEWED


def test_4_8_12_of_40_beside_48_of_80_is_one_half_and_wants_a_review() -> None:
    found = compare(Passed(40, 12), Passed(80, 48))
    assert found.verdict is Verdict.REVIEW
    assert found.ratio == pytest.approx(0.5)
    assert found.interval is not None
    assert [round(each, 2) for each in found.interval] == [0.30, 0.83]
    assert round(found.p_value or 0, 4) == 0.0034


def test_4_8_3_of_12_beside_10_of_24_are_too_few_to_say() -> None:
    group, reference = Passed(12, 3), Passed(24, 10)
    found = compare(group, reference)
    assert found.verdict is Verdict.TOO_FEW
    assert round(found.ratio or 0, 2) == 0.60
    assert round(found.p_value or 0, 2) == 0.47
    assert round(fewest_expected(group, reference), 1) == 4.3


@pytest.mark.parametrize(
    ("group", "verdict"),
    [
        (Passed(40, 19), Verdict.WATCH),
        (Passed(40, 23), Verdict.NO_CONCERN),
        (Passed(400, 316), Verdict.NO_CONCERN),
        (Passed(9, 0), Verdict.TOO_FEW),
        (Passed(40, 0), Verdict.REVIEW),
    ],
    ids=["below four fifths and perhaps by chance", "near", "at four fifths", "nine people", "nobody"],
)
def test_4_8_a_review_wants_a_ratio_below_four_fifths_and_a_p_below_one_in_twenty(
    group: Passed, verdict: Verdict
) -> None:
    reference = Passed(80, 48) if group.came < 400 else Passed(400, 395)
    assert compare(group, reference).verdict is verdict


def test_4_8_who_prefers_not_to_say_is_shown_as_a_number_and_compared_with_nobody() -> None:
    shown = {
        "female": [40, 12, 0, 0, 0],
        "male": [80, 48, 0, 0, 0],
        PREFER_NOT_TO_SAY: [20, 20, 0, 0, 0],
        EVERYONE: [140, 80, 0, 0, 0],
    }
    found = compared_at(shown, SHORTLISTED)
    assert set(found) == {"female", "male", PREFER_NOT_TO_SAY}
    assert found["male"].verdict is Verdict.HIGHEST_RATE
    assert (found["female"].verdict, found["female"].ratio) == (Verdict.REVIEW, pytest.approx(0.5))
    unsaid = found[PREFER_NOT_TO_SAY]
    assert (unsaid.verdict, unsaid.came, unsaid.ratio) == (Verdict.NOT_COMPARED, 20, None)
    assert likelihood(found, "male", "female") == pytest.approx(2)


def test_4_8_a_ratio_is_made_of_counts_that_are_shown_and_of_those_who_came_to_the_stage_before() -> None:
    shown = {"a": [90, 40, 20, 0, 0], "b": [90, 40, None, 0, 0], "c": [90, 20, 10, 0, 0], "d": [90, 0, 0, 0, 0]}
    found = compared_at(shown, INTERVIEWED)
    assert found["b"].verdict is Verdict.HIDDEN
    assert (found["b"].came, found["b"].rate, found["b"].ratio) == (None, None, None)
    assert found["a"].verdict is Verdict.HIGHEST_RATE, "20 of 40, as 10 of 20, and of equals the larger"
    assert (found["c"].came, found["c"].rate) == (20, 0.5)
    assert found["d"].verdict is Verdict.TOO_FEW, "nobody was shortlisted"
    assert compared_at({"a": [90, 40, 0, 0, 0], "b": [None, 40, 0, 0, 0]}, SHORTLISTED)["a"].ratio is None
