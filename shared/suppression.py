"""Small numbers of people are not published, nor the figures that would give them away (time to hire, section 4.8).

A table is cells, the lines that add up, and which cell counts some of the people of which other. Hidden are: every
number from 1 to below the threshold; in each line so much more that no subtraction brings it back; and, found by linear
programming over all that is published, so much more that each small number may still be any of `threshold` numbers.
Zeros are shown, unless the caller withholds them.

Reports that overlap are one table: what an earlier one showed is `published` and cannot be hidden any more, what it
hid is `withheld`, and a line says how the new figures are made of the old. Who came in between is a cell of that line
too, withheld since no report shows it. So a later report never tells by how few an earlier one differs.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from shared.linear_ranges import Relation, Unknowns

C = TypeVar("C", bound=Hashable)
MANY = 1000
"""By how many people a reader may be wrong about all of them where nothing says how many there are."""


@dataclass(frozen=True)
class Line(Generic[C]):
    """A sum that readers know of, row or column: `total` is its `parts` added up."""

    total: C
    parts: tuple[C, ...]


class FiguresDoNotAddUp(Exception):
    """A total is not the sum of its parts: what is published of such a table says nothing about what is not."""


class CannotBeProtected(Exception):
    """What was published before gives a small number away, whatever is hidden now."""


@dataclass(frozen=True)
class Figures(Generic[C]):
    """Counts of people. `within` has pairs (part, whole): whoever the first counts, the second counts too."""

    counts: Mapping[C, int]
    lines: Sequence[Line[C]] = ()
    within: Sequence[tuple[C, C]] = ()

    def __post_init__(self) -> None:
        """Raises FiguresDoNotAddUp."""
        off = [line for line in self.lines if self.counts[line.total] != self.sum_of(line.parts)]
        if off or any(self.counts[part] > self.counts[whole] for part, whole in self.within):
            raise FiguresDoNotAddUp

    def sum_of(self, cells: Iterable[C]) -> int:
        return sum(self.counts[each] for each in cells)

    @cached_property
    def beside(self) -> Mapping[C, Sequence[C]]:
        """For each cell those that say something about it, in the order of the lines."""
        found: dict[C, list[C]] = {each: [] for each in self.counts}
        for line in self.lines:
            for cell in (*line.parts, line.total):
                found[cell] += [each for each in (*line.parts, line.total) if each != cell]
        for part, whole in self.within:
            found[part].append(whole)
            found[whole].append(part)
        return found


@dataclass
class _Hiding(Generic[C]):
    """Figures on their way to be published."""

    figures: Figures[C]
    threshold: int
    published: Collection[C]
    hidden: set[C] = field(default_factory=set)

    def complete(self) -> None:
        """Hide more in each line, rows before columns, until a subtraction gives nothing away."""
        is_stable = False
        while not is_stable:
            is_stable = True
            for line in self.figures.lines:
                while (cell := self._also_of(line)) is not None:
                    self.hidden.add(cell)
                    is_stable = False

    def _also_of(self, line: Line[C]) -> C | None:
        parts = [each for each in line.parts if each in self.hidden]
        if line.total in self.hidden:
            return None if parts else self.smallest(line.parts)
        if not parts or (len(parts) > 1 and self.figures.sum_of(parts) >= self.threshold):
            return None
        part = self.smallest(line.parts)
        return self.smallest([line.total]) if part is None else part

    def smallest(self, cells: Iterable[C]) -> C | None:
        """The smallest that is shown, is not zero and may still be hidden; of equals the last."""
        counts = self.figures.counts
        free = [each for each in cells if counts[each] and self._may_be_hidden(each)]
        return min(reversed(free), key=counts.__getitem__, default=None)

    def widen(self, cell: C) -> bool:
        """Hide one more figure that narrows what a hidden one can be, as near to it as there is one."""
        seen, ring = {cell}, [cell]
        while ring:
            near = [each for one in ring for each in self.figures.beside[one] if each not in seen]
            also = self.smallest(near)
            if also is None:
                also = next((each for each in near if self._may_be_hidden(each)), None)
            if also is not None:
                self.hidden.add(also)
                return True
            seen.update(near)
            ring = list(dict.fromkeys(near))
        return False

    def _may_be_hidden(self, cell: C) -> bool:
        return cell not in self.hidden and cell not in self.published


def suppress(
    figures: Figures[C],
    *,
    threshold: int,
    withheld: Collection[C] = (),
    published: Collection[C] = (),
    covering: Collection[C] = (),
) -> frozenset[C]:
    """Which cells are not shown. From 1 to below `threshold` is a small number.

    `withheld` is hidden whatever it is; `published` is known to readers already; `covering` an earlier report hid for
    the sake of others, so that readers may get to know it itself. Raises CannotBeProtected.
    """
    hiding = _Hiding(figures, threshold, frozenset(published))
    small = {cell for cell, count in figures.counts.items() if 0 < count < threshold and cell not in hiding.published}
    hiding.hidden = small | set(withheld) | set(covering)
    guarded = small | {each for each in withheld if figures.counts[each] < threshold}
    hiding.complete()
    exposed = exposed_by(figures, hiding.hidden, guarded, threshold)
    while exposed:
        widened = [hiding.widen(each) for each in exposed]
        if not any(widened):
            raise CannotBeProtected
        hiding.complete()
        # The more is hidden the less is known: who was safe stays safe.
        exposed = exposed_by(figures, hiding.hidden, exposed, threshold)
    return frozenset(hiding.hidden)


def exposed_by(figures: Figures[C], hidden: Collection[C], guarded: Collection[C], threshold: int) -> Sequence[C]:
    """The guarded cells that readers of the rest can tell to less than `threshold`, in the order of the table."""
    found: set[C] = set()
    for unknowns in _apart(figures, hidden):
        found.update(unknowns.narrower_than(threshold, guarded))
    return [each for each in figures.counts if each in found]


def range_of(figures: Figures[C], hidden: Collection[C], cell: C) -> tuple[float, float]:
    """The least and the most that a hidden cell can be, for whoever reads the rest and knows what adds up."""
    [unknowns] = [each for each in _apart(figures, hidden) if cell in each.cells]
    return unknowns.range_of(cell)


def _apart(figures: Figures[C], hidden: Collection[C]) -> Iterator[Unknowns[C]]:
    """The hidden cells, in groups that say nothing about each other, with what readers know of each group."""
    concealed = frozenset(hidden)
    knowledge = list(_knowledge(figures, concealed))
    lead = {each: each for each in figures.counts if each in concealed}

    def leader(cell: C) -> C:
        while lead[cell] != cell:
            lead[cell] = lead[lead[cell]]
            cell = lead[cell]
        return cell

    for relation in knowledge:
        first, *others = relation.terms
        for each in others:
            lead[leader(each)] = leader(first)
    groups: dict[C, tuple[list[C], list[Relation[C]]]] = {}
    for cell in lead:
        groups.setdefault(leader(cell), ([], []))[0].append(cell)
    for relation in knowledge:
        groups[leader(next(iter(relation.terms)))][1].append(relation)
    most = sum(figures.counts.values()) + MANY
    for cells, relations in groups.values():
        yield Unknowns({each: figures.counts[each] for each in cells}, relations, most)


def _knowledge(figures: Figures[C], hidden: frozenset[C]) -> Iterator[Relation[C]]:
    counts = figures.counts
    for line in figures.lines:
        terms = {each: 1 for each in line.parts if each in hidden}
        rest = -figures.sum_of(each for each in line.parts if each not in hidden)
        if line.total in hidden:
            terms[line.total] = -1
        else:
            rest += counts[line.total]
        if terms:
            yield Relation(terms, rest)
    for part, whole in figures.within:
        if part in hidden and whole in hidden:
            yield Relation({part: 1, whole: -1}, 0, is_limit=True)
        elif part in hidden:
            yield Relation({part: 1}, counts[whole], is_limit=True)
        elif whole in hidden:
            yield Relation({whole: -1}, -counts[part], is_limit=True)
