"""What is shown of new starters: pure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.ats.time_to_hire.starters import shown_starters
from shared.vocabulary import HiringRoute

A, B, C = (UUID(int=number) for number in (1, 2, 3))
EXTERNAL = HiringRoute.EXTERNAL


def rows(*numbers: tuple[UUID, int, int, int]) -> Any:
    return [(employer, EXTERNAL, *counts) for employer, *counts in numbers]


def test_4_8_new_starters_from_1_to_4_are_hidden_and_5_are_shown() -> None:
    many = rows((A, 40, 30, 20))
    assert shown_starters(many, A)[EXTERNAL] == {"started": 40, "first_year_over": 30, "left_in_first_year": 20}
    few = shown_starters(rows((A, 40, 30, 4)), A)[EXTERNAL]
    assert (few["started"], few["left_in_first_year"]) == (40, None)
    assert shown_starters(rows((A, 5, 0, 0)), A)[EXTERNAL] == {
        "started": 5,
        "first_year_over": 0,
        "left_in_first_year": 0,
    }


def test_4_8_new_starters_of_all_less_those_of_the_others_do_not_give_a_small_number_away() -> None:
    found = rows((A, 40, 0, 0), (B, 30, 0, 0), (C, 3, 0, 0))
    started = {each: shown_starters(found, each)[EXTERNAL]["started"] for each in (A, B, C, None)}
    assert started == {A: 40, B: None, C: None, None: 73}
