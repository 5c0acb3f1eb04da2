"""New starters by route, with small numbers hidden (section 4.8: 1 to 4 of an operational table): pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import Row

from shared.suppression import Figures, Line, suppress
from shared.vocabulary import HiringRoute

THRESHOLD = 5
STARTED, OVER, LEFT = "started", "first_year_over", "left_in_first_year"
COUNTED = (STARTED, OVER, LEFT)
Cell = tuple[UUID | None, HiringRoute, str]
"""Of an employer, or of all that the reader sees."""


def shown_starters(
    rows: Iterable[Row[UUID, HiringRoute, int, int, int]], employer_id: UUID | None
) -> Mapping[HiringRoute, Mapping[str, int | None]]:
    """Of one employer, or of all. What is hidden does not depend on which of them is asked for, so that all less the
    others do not give one away.
    """
    counts: Counter[Cell] = Counter()
    for employer, route, started, over, left in rows:
        for name, number in zip(COUNTED, (started, over, left), strict=True):
            counts[employer, route, name] = number
            counts[None, route, name] += number
    hidden = _hidden(counts)
    routes = [route for each, route, name in counts if each == employer_id and name == STARTED]
    return {
        route: {
            name: None if (employer_id, route, name) in hidden else counts[employer_id, route, name] for name in COUNTED
        }
        for route in sorted(routes)
    }


def _hidden(counts: Mapping[Cell, int]) -> Collection[Cell]:
    scopes = {(employer, route) for employer, route, _ in counts}
    lines: list[Line[Cell]] = [
        Line((None, route, name), tuple((each, other, name) for each, other in scopes if each and other is route))
        for employer, route in scopes
        if employer is None
        for name in COUNTED
    ]
    within = [
        ((employer, route, name), (employer, route, STARTED)) for employer, route in scopes for name in (OVER, LEFT)
    ]
    return suppress(Figures(counts, lines, within), threshold=THRESHOLD)
