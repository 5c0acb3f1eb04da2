from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.clearing.vacancy_mirror.material_change import Content, is_material_change, is_typo_level

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
CONTENT = Content(
    essential=(CRITERION, OTHER),
    scp_min=20,
    scp_max=24,
    salary_min_pence=3_367_300,
    salary_max_pence=3_658_100,
    hours=3700,
    outcode="B66",
)


@pytest.mark.parametrize(
    "change",
    [
        {"scp_max": 25},
        {"scp_min": 21},
        {"salary_max_pence": 3_658_101},
        {"salary_min_pence": None},
        {"hours": 3000},
        {"outcode": "B1"},
        {"essential": (CRITERION,)},
        {"essential": (CRITERION, OTHER, OTHER | {"criterion_id": "E3"})},
        {"essential": (CRITERION | {"level": 3}, OTHER)},
        {"essential": (CRITERION | {"text": "Takes minutes and manages a team"}, OTHER)},
    ],
)
def test_r21_a_change_of_criteria_pay_hours_or_place_restarts_the_window(change: dict[str, Any]) -> None:
    assert is_material_change(CONTENT, replace(CONTENT, **change))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"essential": (OTHER, CRITERION)},
        {"essential": (CRITERION | {"text": "takes  minutes, unaided."}, OTHER)},
        {"essential": (CRITERION | {"text": "Takes minuets unaided"}, OTHER)},
    ],
)
def test_r21_a_slip_of_the_pen_does_not(change: dict[str, Any]) -> None:
    assert not is_material_change(CONTENT, replace(CONTENT, **change))


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
    ],
)
def test_r21_a_slip_is_one_letter_in_a_longer_word_and_never_a_number(
    before: str, after: str, *, expected: bool
) -> None:
    assert is_typo_level(before, after) is expected
    assert is_typo_level(after, before) is expected
