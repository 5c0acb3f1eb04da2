"""What is shown of a year besides its four quarters, so that no table tells what another one hides: pure.

A year is the sum of its quarters, and what these have shown stays. So all five are one system of sums: a count of the
year is shown only where nothing small, of the year or of a quarter, can be told from all of them together. The true
counts of the quarters come from what is held sealed until then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.ats.equality.rules import (
    EVERYONE,
    THRESHOLD,
    Cell,
    Counts,
    Scope,
    Shown,
    figures_of,
    shown_of,
    withheld_of,
)
from shared.suppression import CannotBeProtected, Figures, Line, suppress

YEAR = "year"
YearCell = tuple[str, Cell]
"""Of a quarter by its name, or of the year."""


@dataclass(frozen=True, repr=False)
class CountedQuarter:
    """A quarter's true counts, and what was published of them, by characteristic."""

    name: str
    counts: Mapping[str, Counts]
    shown: Mapping[str, Mapping[Scope, Shown]]

    def hidden(self, question_id: str) -> set[Cell]:
        return {
            (scope, group, place)
            for scope, groups in self.shown[question_id].items()
            for group, counts in groups.items()
            for place, count in enumerate(counts)
            if count is None
        }


def tables_of_year(quarters: Sequence[CountedQuarter]) -> Mapping[str, Mapping[Scope, Shown]]:
    """By characteristic and scope what is shown of the year. All quarters have the same characteristics."""
    questions = list(quarters[0].counts)
    try:
        hidden_totals = _hidden_totals(quarters, questions[0])
        return {each: _year_shown(quarters, each, hidden_totals) for each in questions}
    except CannotBeProtected:
        return {each: sums_of_shown(quarters, each) for each in questions}


def sums_of_shown(quarters: Sequence[CountedQuarter], question_id: str) -> Mapping[Scope, Shown]:
    """What readers could add up themselves, and so tells them nothing: where a part is hidden the sum is."""
    figures = figures_of(_added(quarters, question_id), question_id)
    return shown_of(figures.counts, {cell for each in quarters for cell in each.hidden(question_id)})


def _hidden_totals(quarters: Sequence[CountedQuarter], question_id: str) -> Collection[Cell]:
    figures = _together(quarters, question_id, is_total=True)
    earlier = _earlier_hidden(quarters, question_id) & figures.counts.keys()
    hidden = suppress(figures, threshold=THRESHOLD, published=_earlier_shown(figures, earlier), covering=earlier)
    return [cell for name, cell in hidden if name == YEAR]


def _year_shown(
    quarters: Sequence[CountedQuarter], question_id: str, hidden_totals: Collection[Cell]
) -> Mapping[Scope, Shown]:
    figures = _together(quarters, question_id)
    earlier = _earlier_hidden(quarters, question_id)
    withheld = {(each.name, cell) for each in quarters for cell in _withheld_before(each, question_id)}
    counts = {cell: count for (name, cell), count in figures.counts.items() if name == YEAR}
    of_year = withheld_of(counts, hidden_totals)
    # That nobody came further is told already where each quarter told it.
    guarded = {cell for cell in of_year if counts[cell] or any((each.name, cell) in withheld for each in quarters)}
    published = [(YEAR, cell) for cell in counts if cell[1] == EVERYONE and cell not in hidden_totals]
    hidden = suppress(
        figures,
        threshold=THRESHOLD,
        withheld=withheld | {(YEAR, cell) for cell in guarded},
        published=[*_earlier_shown(figures, earlier), *published],
        covering=earlier | {(YEAR, cell) for cell in hidden_totals},
    )
    return shown_of(counts, {cell for name, cell in hidden if name == YEAR})


def _withheld_before(quarter: CountedQuarter, question_id: str) -> set[Cell]:
    hidden_totals = {cell for cell in quarter.hidden(question_id) if cell[1] == EVERYONE}
    return withheld_of(figures_of(quarter.counts[question_id], question_id).counts, hidden_totals)


def _earlier_hidden(quarters: Sequence[CountedQuarter], question_id: str) -> set[YearCell]:
    return {(each.name, cell) for each in quarters for cell in each.hidden(question_id)}


def _earlier_shown(figures: Figures[YearCell], earlier_hidden: Collection[YearCell]) -> list[YearCell]:
    return [each for each in figures.counts if each[0] != YEAR and each not in earlier_hidden]


def _together(quarters: Sequence[CountedQuarter], question_id: str, *, is_total: bool = False) -> Figures[YearCell]:
    asked = None if is_total else question_id
    parts = {each.name: figures_of(each.counts[question_id], asked) for each in quarters}
    parts[YEAR] = figures_of(_added(quarters, question_id), asked)
    counts = {(name, cell): count for name, part in parts.items() for cell, count in part.counts.items()}
    lines = [
        Line((name, line.total), tuple((name, each) for each in line.parts))
        for name, part in parts.items()
        for line in part.lines
    ]
    lines += [
        Line((YEAR, cell), tuple((each.name, cell) for each in quarters if (each.name, cell) in counts))
        for cell in parts[YEAR].counts
    ]
    within = [((name, part), (name, whole)) for name, each in parts.items() for part, whole in each.within]
    return Figures(counts, lines, within)


def _added(quarters: Sequence[CountedQuarter], question_id: str) -> Counts:
    added: dict[Cell, int] = {}
    for each in quarters:
        for cell, count in each.counts[question_id].items():
            added[cell] = added.get(cell, 0) + count
    return added
