"""What whole numbers that nobody shows can be, for whoever knows what they add up to: by linear programming."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

C = TypeVar("C", bound=Hashable)
NEAR_ENOUGH = 1e-6
# A few guesses in random directions settle most cells; only what they leave open is asked for one by one.
GUESSES = 6


@dataclass(frozen=True)
class Relation(Generic[C]):
    """The cells of `terms`, times their factors, add up to `value`; as a limit: to `value` at most."""

    terms: Mapping[C, int]
    value: int
    is_limit: bool = False


class NoSolution(Exception):
    """The true numbers do not fulfil what is said to be known of them."""


@dataclass(frozen=True)
class Unknowns(Generic[C]):
    """`cells` has the true numbers, none below zero; readers know `relations` and that none is beyond `most`."""

    cells: Mapping[C, int]
    relations: Sequence[Relation[C]]
    most: int

    def range_of(self, cell: C) -> tuple[float, float]:
        """Raises NoSolution."""
        towards = np.zeros(len(self.cells))
        towards[self._places[cell]] = 1
        low, high = (self._solve(sign * towards)[self._places[cell]] for sign in (1, -1))
        return round(float(low), 6), round(float(high), 6)

    def narrower_than(self, width: int, wanted: Collection[C]) -> set[C]:
        """Which of the wanted cells can only be whole numbers less than `width` apart. Raises NoSolution."""
        open_ones = {self._places[each]: each for each in wanted if each in self._places}
        low = np.array(list(self.cells.values()), dtype=float)
        high = low.copy()

        def settle(towards: np.ndarray) -> None:
            for sign in (1, -1):
                found = self._solve(sign * towards)
                np.minimum(low, found, out=low)
                np.maximum(high, found, out=high)
            for place in [each for each in open_ones if _whole(low[each], high[each]) >= width]:
                del open_ones[place]

        guessed = np.random.default_rng(0)
        for number in range(GUESSES if len(open_ones) > GUESSES else 0):
            settle(np.ones(len(low)) if number == 0 else guessed.normal(size=len(low)))
        narrow = set()
        while open_ones:
            place, cell = next(iter(open_ones.items()))
            towards = np.zeros(len(low))
            towards[place] = 1
            settle(towards)
            if open_ones.pop(place, None) is not None:
                narrow.add(cell)
        return narrow

    @cached_property
    def _places(self) -> Mapping[C, int]:
        return {cell: place for place, cell in enumerate(self.cells)}

    @cached_property
    def _known(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for names, is_limit in ((("A_eq", "b_eq"), False), (("A_ub", "b_ub"), True)):
            chosen = [each for each in self.relations if each.is_limit is is_limit]
            if chosen:
                entries = [
                    (factor, row, self._places[cell])
                    for row, each in enumerate(chosen)
                    for cell, factor in each.terms.items()
                ]
                factors, rows, columns = zip(*entries, strict=True)
                shape = (len(chosen), len(self.cells))
                found[names[0]] = csr_array((factors, (rows, columns)), shape=shape)
                found[names[1]] = [each.value for each in chosen]
        return found

    def _solve(self, towards: np.ndarray) -> np.ndarray:
        """The numbers with the least sum in this direction."""
        answer = linprog(towards, bounds=(0, self.most), method="highs", **self._known)
        if answer.x is None:
            raise NoSolution(answer.message)
        return answer.x


def _whole(low: float, high: float) -> float:
    """How far apart the outermost whole numbers between the two are."""
    return np.floor(high + NEAR_ENOUGH) - np.ceil(low - NEAR_ENOUGH)
