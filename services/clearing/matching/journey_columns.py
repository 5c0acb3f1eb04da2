"""Journeys of many people to one workplace: the same answers as `travel`, in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.clearing.matching.columns import NO_LIMIT, NOT_KNOWN, Marks, Numbers, PeopleColumns, Rows, metres_from
from services.clearing.matching.policy import TravelPolicy
from services.clearing.matching.profiles import Vacancy
from services.clearing.matching.travel import is_hybrid


@dataclass(frozen=True, slots=True)
class Journeys:
    """`minutes` is -1 where not known. `may_pass` is not a fail; `is_unknown` asks for a human's look."""

    minutes: Numbers
    limit: Numbers
    may_pass: Marks
    is_unknown: Marks

    def at(self, kept: Marks) -> Journeys:
        return Journeys(self.minutes[kept], self.limit[kept], self.may_pass[kept], self.is_unknown[kept])


def journeys(
    people: PeopleColumns, vacancy: Vacancy, policy: TravelPolicy, distances: dict[str | None, Numbers], rows: Rows
) -> Journeys:
    """Journeys of the people at `rows`; `distances` keeps what was worked out for a workplace before."""
    limit, metres_limit = _limits(people, vacancy, policy, rows)
    if vacancy.office_days == 0:
        minutes = np.zeros(len(rows), dtype=np.int64)
        within = minutes <= limit
    else:
        metres = _metres(people, vacancy, distances)[people.place[rows]]
        minutes = minutes_of(metres, policy)
        within = np.where(metres_limit == NO_LIMIT, minutes <= limit, metres <= metres_limit)
        _correct(people, vacancy, rows, (minutes, within, limit))
    is_known = minutes != NOT_KNOWN
    ticked = people.areas.get(vacancy.workplace_area or "")
    is_ticked = np.zeros(len(rows), dtype=np.bool_) if ticked is None else ticked[rows]
    return Journeys(minutes, limit, is_ticked | within | ~is_known, ~is_known & ~is_ticked)


def minutes_of(metres: Numbers, policy: TravelPolicy) -> Numbers:
    """`travel.minutes_of_metres` for many; -1 stays -1."""
    step = policy.round_up_to
    scale = 100_000 * policy.speed_kmh
    exact = metres * (policy.detour_hundredths * 60) + policy.base_minutes * scale
    return np.where(metres == NOT_KNOWN, NOT_KNOWN, step * -(-exact // (step * scale)))


def _limits(people: PeopleColumns, vacancy: Vacancy, policy: TravelPolicy, rows: Rows) -> tuple[Numbers, Numbers]:
    """Limits in minutes, and in metres where one was set in miles and applies."""
    minutes, metres = people.limits.max_minutes[rows], people.limits.max_metres[rows]
    if not is_hybrid(vacancy, policy):
        return minutes, metres
    hybrid = people.limits.hybrid_minutes[rows]
    is_set = hybrid != NOT_KNOWN
    return np.where(is_set, hybrid, minutes), np.where(is_set, NO_LIMIT, metres)


def _metres(people: PeopleColumns, vacancy: Vacancy, distances: dict[str | None, Numbers]) -> Numbers:
    if vacancy.outcode not in distances:
        distances[vacancy.outcode] = metres_from(people.outcodes, vacancy.outcode)
    return distances[vacancy.outcode]


def _correct(people: PeopleColumns, vacancy: Vacancy, rows: Rows, found: tuple[Numbers, Marks, Numbers]) -> None:
    """Put in place the minutes that people corrected for this workplace."""
    if vacancy.outcode is None or vacancy.outcode not in people.corrections:
        return
    minutes, within, limit = found
    everybody = np.full(len(people), NOT_KNOWN, dtype=np.int64)
    at, given = people.corrections[vacancy.outcode]
    everybody[at] = given
    corrected = everybody[rows]
    is_corrected = corrected != NOT_KNOWN
    minutes[is_corrected] = corrected[is_corrected]
    within[is_corrected] = minutes[is_corrected] <= limit[is_corrected]
