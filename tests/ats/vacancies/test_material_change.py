from __future__ import annotations

from typing import Any

import pytest

from services.ats.vacancies.material_change import is_material_change, is_typo_level

CRITERION = {
    "criterion_id": "E1",
    "kind": "skill",
    "text": "Takes minutes unaided",
    "skill_id": "minute_taking",
    "level": 2,
}
OTHER = {
    "criterion_id": "E2",
    "kind": "registration",
    "text": "Full driving licence",
    "registration_code": "driving_licence",
}
CRITERIA = (CRITERION, OTHER)


@pytest.mark.parametrize(
    "field", ["scp_min", "scp_max", "salary_min_pence", "salary_max_pence", "hours_per_week", "outcode", "postcode"]
)
def test_r21_a_change_of_pay_hours_or_place_restarts_the_window(field: str) -> None:
    assert is_material_change({field}, before=CRITERIA, after=CRITERIA)


@pytest.mark.parametrize("field", ["title", "description", "directorate", "openings_count"])
def test_r21_other_edits_do_not(field: str) -> None:
    assert not is_material_change({field}, before=CRITERIA, after=CRITERIA)


@pytest.mark.parametrize(
    "after",
    [
        (CRITERION,),
        (*CRITERIA, OTHER | {"criterion_id": "E3"}),
        (CRITERION | {"level": 3}, OTHER),
        (CRITERION | {"text": "Takes minutes and manages a team"}, OTHER),
    ],
)
def test_r21_a_change_of_essential_criteria_restarts_the_window(after: tuple[dict[str, Any], ...]) -> None:
    assert is_material_change({"essential", "title"}, before=CRITERIA, after=after)


@pytest.mark.parametrize(
    "after",
    [
        (OTHER, CRITERION),
        (CRITERION | {"text": "takes  minutes, unaided."}, OTHER),
        (CRITERION | {"text": "Takes minuets unaided"}, OTHER),
    ],
)
def test_r21_a_slip_of_the_pen_does_not(after: tuple[dict[str, Any], ...]) -> None:
    assert not is_material_change({"essential"}, before=CRITERIA, after=after)
    assert is_material_change({"essential", "outcode"}, before=CRITERIA, after=after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("manage", "manages", True),
        ("recieve", "receive", True),
        ("licence", "license", True),
        ("in", "on", False),
        ("12 months", "13 months", False),
        ("level 2a", "level 2b", False),
        ("year 2026", "year 2027", False),
        ("must drive", "must not drive", False),
        ("manage", "manager's", False),
        ("team", "steam", True),
        ("abcd", "badc", False),
        ("drive a van", "drives a van", True),
        ("run", "runs", False),
        ("iso9001", "iso9002", False),
        ("team", "teamwork", False),
    ],
)
def test_r21_a_slip_is_one_letter_in_a_longer_word_and_never_a_number(
    before: str, after: str, *, expected: bool
) -> None:
    assert is_typo_level(before, after) is expected
    assert is_typo_level(after, before) is expected
