"""Small numbers stay hidden from whoever reads all that is published: spec/time_to_hire.md, section 4.8.

The oracle knows nothing of how cells are chosen: it writes every sum of the published table as an equation of one
linear programme over all cells, and asks for the least and the most of each small number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from shared.suppression import CannotBeProtected, Figures, FiguresDoNotAddUp, Line, range_of, suppress

TOTAL = "total"


def table(rows: list[list[int]], within: Iterable[tuple[Any, Any]] = ()) -> Figures:
    """Rows and columns with totals, the cells named by their place from 0; rows come before columns."""
    counts: dict[Any, int] = {(i, j): n for i, row in enumerate(rows) for j, n in enumerate(row)}
    across, down = range(len(rows[0])), range(len(rows))
    lines = []
    for i in down:
        counts[i, TOTAL] = sum(rows[i])
        lines.append(Line((i, TOTAL), tuple((i, j) for j in across)))
    for j in across:
        counts[TOTAL, j] = sum(row[j] for row in rows)
        lines.append(Line((TOTAL, j), tuple((i, j) for i in down)))
    counts[TOTAL, TOTAL] = sum(map(sum, rows))
    lines.append(Line((TOTAL, TOTAL), tuple((i, TOTAL) for i in down)))
    lines.append(Line((TOTAL, TOTAL), tuple((TOTAL, j) for j in across)))
    return Figures(counts, lines, list(within))


def row(*counts: int) -> Figures:
    cells: dict[Any, int] = dict(enumerate(counts))
    return Figures(cells | {TOTAL: sum(counts)}, [Line(TOTAL, tuple(range(len(counts))))])


def attack(figures: Figures, hidden: Collection[Any], cell: Any) -> tuple[float, float]:
    """What a reader with a solver gets at: every cell unknown, what is shown as an equation."""
    cells = list(figures.counts)
    place = {each: number for number, each in enumerate(cells)}
    equations, values = [], []
    for each in cells:
        if each not in hidden:
            equations.append(np.eye(len(cells))[place[each]])
            values.append(figures.counts[each])
    for line in figures.lines:
        equation = np.zeros(len(cells))
        equation[[place[each] for each in line.parts]] = 1
        equation[place[line.total]] = -1
        equations.append(equation)
        values.append(0)
    limits = [np.eye(len(cells))[place[part]] - np.eye(len(cells))[place[whole]] for part, whole in figures.within]
    found = []
    for sign in (1, -1):
        answer = linprog(
            sign * np.eye(len(cells))[place[cell]],
            A_eq=np.array(equations),
            b_eq=values,
            A_ub=np.array(limits) if limits else None,
            b_ub=np.zeros(len(limits)) if limits else None,
            bounds=(0, 10_000),
            method="highs",
        )
        assert answer.x is not None, answer.message
        found.append(answer.x[place[cell]])
    return found[0], found[1]


def small(figures: Figures, threshold: int) -> list[Any]:
    return [cell for cell, count in figures.counts.items() if 0 < count < threshold]


def assert_protected(figures: Figures, hidden: Collection[Any], threshold: int, also: Iterable[Any] = ()) -> None:
    for cell in {*small(figures, threshold), *also}:
        assert cell in hidden
        low, high = attack(figures, hidden, cell)
        assert high - low >= threshold - 1e-5, (cell, low, high)


@pytest.mark.parametrize("threshold", [5, 10])
def test_4_8_40_12_7_3_0_hides_the_7_and_the_3_and_shows_the_zero_and_the_total(threshold: int) -> None:
    figures = row(40, 12, 7, 3, 0)
    assert figures.counts[TOTAL] == 62
    assert suppress(figures, threshold=threshold) == {2, 3}


def test_4_8_rows_3_10_20_and_15_8_12_with_totals_hide_3_10_15_and_8() -> None:
    figures = table([[3, 10, 20], [15, 8, 12]])
    hidden = suppress(figures, threshold=5)
    assert hidden == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert range_of(figures, hidden, (0, 0)) == (0, 13)
    assert attack(figures, hidden, (0, 0)) == pytest.approx((0, 13))


def test_4_8_a_line_never_has_one_hidden_cell_and_of_equals_the_last_goes() -> None:
    assert suppress(row(40, 12, 3, 12), threshold=5) == {2, 3}


def test_4_8_hidden_cells_of_a_line_never_sum_to_less_than_the_threshold() -> None:
    assert suppress(row(40, 12, 2, 1), threshold=5) == {1, 2, 3}


def test_4_8_the_audit_hides_more_where_no_line_alone_gives_a_cell_away() -> None:
    """The two hidden sum to ten, but what they are part of leaves the 4 only the numbers from 1 to 5."""
    figures = Figures(
        {"a": 4, "b": 6, "c": 30, TOTAL: 40, "a before": 5, "b before": 9},
        [Line(TOTAL, ("a", "b", "c"))],
        [("a", "a before"), ("b", "b before")],
    )
    assert range_of(figures, {"a", "b"}, "a") == (1, 5)
    hidden = suppress(figures, threshold=5, published={"b before"})
    assert hidden == {"a", "b", "a before"}
    assert_protected(figures, hidden, 5)


def test_4_8_a_zero_that_the_caller_withholds_is_no_less_protected() -> None:
    """Whether a group too small to be counted had nobody appointed: rule 4."""
    figures = row(40, 12, 0)
    hidden = suppress(figures, threshold=10, withheld=[2])
    assert hidden == {1, 2}
    assert_protected(figures, hidden, 10, also=[2])


def test_zeros_and_large_numbers_of_a_table_without_small_ones_are_all_shown() -> None:
    assert suppress(table([[10, 0], [25, 11]]), threshold=10) == frozenset()


def test_a_small_total_is_hidden_with_the_part_that_it_is() -> None:
    figures = table([[3, 0], [40, 50]])
    hidden = suppress(figures, threshold=10)
    assert {(0, 0), (0, TOTAL)} <= hidden
    assert_protected(figures, hidden, 10)


def test_a_region_less_its_other_councils_does_not_expose_the_one_that_is_left() -> None:
    councils = [[12, 20], [25, 33], [4, 60]]
    figures = table(councils)
    hidden = suppress(figures, threshold=10)
    assert (2, 0) in hidden
    assert len(hidden & {(council, 0) for council in range(3)}) == 2
    assert_protected(figures, hidden, 10)


counts = st.one_of(st.integers(0, 12), st.integers(0, 60))
tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda size: st.lists(st.lists(counts, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)


@settings(max_examples=60)
@given(tables, st.sampled_from([5, 10]))
def test_no_small_number_of_a_table_with_totals_can_be_told_to_less_than_the_threshold(
    rows: list[list[int]], threshold: int
) -> None:
    figures = table(rows)
    hidden = suppress(figures, threshold=threshold)
    assert_protected(figures, hidden, threshold)


@settings(max_examples=40)
@given(st.lists(st.tuples(counts, counts, counts), min_size=2, max_size=5), st.sampled_from([5, 10]))
def test_nor_when_readers_know_that_who_was_hired_was_shortlisted_and_had_applied(
    steps: list[tuple[int, int, int]], threshold: int
) -> None:
    groups = [[a + b + c, b + c, c] for a, b, c in steps]
    pairs = [((i, j + 1), (i, j)) for i in (*range(len(groups)), TOTAL) for j in range(2)]
    cells: dict[Any, int] = {(i, j): n for i, group in enumerate(groups) for j, n in enumerate(group)}
    cells |= {(TOTAL, j): sum(group[j] for group in groups) for j in range(3)}
    lines = [Line((TOTAL, j), tuple((i, j) for i in range(len(groups)))) for j in range(3)]
    figures = Figures(cells, lines, pairs)
    assert_protected(figures, suppress(figures, threshold=threshold), threshold)


def later(earlier: list[int], came: list[int]) -> Figures:
    """Two reports on the same people, the second with those who came in between."""
    groups = range(len(earlier))
    cells: dict[Any, int] = {}
    for name, numbers in (
        ("first", earlier),
        ("came", came),
        ("second", [a + b for a, b in zip(earlier, came, strict=True)]),
    ):
        cells |= {(name, i): n for i, n in enumerate(numbers)} | {(name, TOTAL): sum(numbers)}
    sums = [Line((name, TOTAL), tuple((name, i) for i in groups)) for name in ("first", "came", "second")]
    each = [Line(("second", i), (("first", i), ("came", i))) for i in (*groups, TOTAL)]
    return Figures(cells, [*sums, *each])


def test_two_reports_that_are_each_harmless_tell_by_their_difference_what_the_second_must_not_show() -> None:
    earlier, came = [40, 52, 61], [2, 0, 30]
    alone = suppress(row(*(a + b for a, b in zip(earlier, came, strict=True))), threshold=10)
    assert alone == frozenset(), "each report for itself hides nothing"
    figures = later(earlier, came)
    between = [("came", each) for each in (0, 1, 2, TOTAL)]
    low, high = attack(figures, between, ("came", 0))
    assert (low, high) == pytest.approx((2, 2)), "the attack works on what nobody protects"
    first = [("first", each) for each in (0, 1, 2, TOTAL)]
    hidden = suppress(figures, threshold=10, withheld=between, published=first)
    assert ("second", 0) in hidden
    assert_protected(figures, hidden, 10)


@settings(max_examples=40)
@given(st.lists(st.tuples(counts, st.integers(0, 15)), min_size=2, max_size=4))
def test_no_second_report_tells_how_few_came_since_the_first(numbers: list[tuple[int, int]]) -> None:
    earlier, came = [a for a, _ in numbers], [b for _, b in numbers]
    groups = (*range(len(numbers)), TOTAL)
    hidden_first = suppress(row(*earlier), threshold=10)
    shown = {("first", each) for each in groups if each not in hidden_first}
    withheld = {("first", each) for each in hidden_first} | {("came", each) for each in groups}
    figures = later(earlier, came)
    hidden = suppress(figures, threshold=10, withheld=withheld, published=shown)
    assert not hidden & shown
    assert_protected(figures, hidden, 10)


def test_what_was_given_away_before_is_refused_and_not_passed_over() -> None:
    with pytest.raises(CannotBeProtected):
        suppress(row(40, 3), threshold=10, published=[0, TOTAL])


def test_a_table_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(FiguresDoNotAddUp):
        Figures({"a": 1, TOTAL: 2}, [Line(TOTAL, ("a",))])
    with pytest.raises(FiguresDoNotAddUp):
        Figures({"a": 3, "b": 2}, within=[("a", "b")])
