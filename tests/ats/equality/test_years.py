"""What a year shows besides its quarters, attacked with all of them at once."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from services.ats.equality import rules, years
from services.ats.equality.questions import PREFER_NOT_TO_SAY, QUESTIONS
from services.ats.equality.rules import EVERYONE, REGION, STAGES, Applicant, Counts, FunnelStage, Quarter, Scope, Year
from services.ats.equality.years import YEAR, CountedQuarter
from tests.ats.equality.test_rules import COUNCILS, applicants, matrix

ASKED = "sex"


def quarter(name: str, people: list[Applicant]) -> CountedQuarter:
    return CountedQuarter(name, rules.counts_of(people, [ASKED]), rules.tables_of(people, [ASKED]))


def test_a_year_runs_from_april_to_march_and_no_quarter_is_in_two() -> None:
    year = Year.of(Quarter(2026, 4))
    assert str(year) == "2026-27"
    assert [str(each) for each in year.quarters] == ["2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1"]
    assert {Year.of(each) for each in year.quarters} == {year}
    assert str(Year.of(Quarter(2099, 4))) == "2099-00"


def test_4_8_a_year_shows_what_its_quarters_were_too_small_for() -> None:
    few = [*applicants(40, sex="female"), *applicants(6, sex="male"), *applicants(5, sex=PREFER_NOT_TO_SAY)]
    shown = years.tables_of_year([quarter(f"2026-Q{number}", few) for number in (2, 3, 4)])[ASKED][REGION]
    assert shown[EVERYONE][0] == 153
    assert shown["female"][0] == 120
    assert (shown["male"][0], shown[PREFER_NOT_TO_SAY][0]) == (18, 15)


def test_4_8_a_year_does_not_tell_the_one_quarter_that_was_hidden() -> None:
    """119 less the 110 of the shown quarter would be the nine who were hidden in the other."""
    large, small = applicants(110, sex="female"), applicants(9, sex="female")
    told = [quarter("2026-Q2", large), quarter("2026-Q3", small)]
    assert told[1].shown[ASKED][REGION]["female"][0] is None
    assert years.tables_of_year(told)[ASKED][REGION]["female"][0] is None


def test_4_8_where_nothing_else_protects_a_quarter_the_year_shows_what_readers_could_add_up() -> None:
    told = [quarter("2026-Q2", applicants(30, sex="female")), quarter("2026-Q3", applicants(40, sex="female"))]
    assert years.sums_of_shown(told, ASKED)[REGION]["female"][0] == 70
    hidden = [*told, quarter("2026-Q4", applicants(4, sex="female"))]
    assert years.sums_of_shown(hidden, ASKED)[REGION]["female"][0] is None


def some_people(seed: int, number: int) -> list[Applicant]:
    chance = random.Random(seed)
    return [
        Applicant(
            chance.choices(COUNCILS, (8, 4, 2, 1))[0],
            chance.choice(("planning", "housing_homelessness")),
            chance.choices(list(FunnelStage), (8, 4, 3, 1, 2))[0],
            {ASKED: chance.choices(list(QUESTIONS[ASKED].shown_groups), (6, 3, 1))[0]},
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize("seed", range(2))
def test_no_hidden_count_of_a_year_or_a_quarter_can_be_told_from_all_their_tables_together(seed: int) -> None:
    """One linear programme over all that five tables of each scope show, built apart from what made them."""
    told = [quarter(f"2026-Q{number}", some_people(4 * seed + number, 50 + 60 * number)) for number in (2, 3, 4)]
    shown = {each.name: each.shown[ASKED] for each in told} | {YEAR: years.tables_of_year(told)[ASKED]}
    true = {each.name: full(each.counts[ASKED]) for each in told}
    true[YEAR] = full(years._added(told, ASKED))
    cells = {(name, *cell): count for name, counts in true.items() for cell, count in counts.items()}
    known = {
        (name, scope, group, place): count
        for name, tables in shown.items()
        for scope, groups in tables.items()
        for group, counts in groups.items()
        for place, count in enumerate(counts)
        if count is not None
    }
    assert all(cells[cell] == count for cell, count in known.items())
    assert any(name == YEAR for name, *_ in known)
    small = [cell for cell, count in cells.items() if 0 < count < rules.THRESHOLD]
    assert small
    assert not set(small) & set(known)
    order = {cell: number for number, cell in enumerate(cells)}
    sums = all_sums(cells)
    limits = [{(n, s, k, p): 1, (n, s, k, p - 1): -1} for n, s, k, p in cells if p]
    programme: dict[str, Any] = {
        "A_eq": matrix([*sums, *({cell: 1} for cell in known)], order),
        "b_eq": [0] * len(sums) + list(known.values()),
        "A_ub": matrix(limits, order),
        "b_ub": np.zeros(len(limits)),
        "bounds": (0, 5000),
        "method": "highs",
    }
    low, high = (np.array(list(cells.values()), dtype=float) for _ in range(2))
    for place in (order[cell] for cell in small):
        for sign in (1, -1):
            if high[place] - low[place] < rules.THRESHOLD:
                found = linprog(sign * np.eye(1, len(order), place)[0], **programme).x
                low, high = np.minimum(low, found), np.maximum(high, found)
        assert high[place] - low[place] >= rules.THRESHOLD - 1e-5, list(cells)[place]


def full(counts: Counts) -> dict[tuple[Scope, str, int], int]:
    """With everyone, and the zeros."""
    groups = list(QUESTIONS[ASKED].shown_groups)
    places = range(len(STAGES))
    scopes = {scope for scope, _, _ in counts}
    found = {(s, g, p): counts.get((s, g, p), 0) for s in scopes for g in groups for p in places}
    return found | {(s, EVERYONE, p): sum(found[s, g, p] for g in groups) for s in scopes for p in places}


def all_sums(cells: dict[Any, int]) -> list[dict[Any, int]]:
    """What adds up to nothing: groups less everyone, employers and families less the region, quarters less the year."""
    found = []
    for name, scope, kind, place in cells:
        total = {(name, scope, kind, place): -1}
        if kind == EVERYONE:
            groups = [each for each in cells if each[:2] == (name, scope) and each[3] == place and each[2] != EVERYONE]
            found.append(dict.fromkeys(groups, 1) | total)
        if scope == REGION:
            for what in ("employer_id", "family"):
                parts = [
                    each for each in cells if each[0] == name and getattr(each[1], what) and each[2:] == (kind, place)
                ]
                found.append(dict.fromkeys(parts, 1) | total)
        if name == YEAR:
            quarters = [each for each in cells if each[0] != YEAR and each[1:] == (scope, kind, place)]
            found.append(dict.fromkeys(quarters, 1) | total)
    return found
