"""People as columns of whole numbers, one row a person: what the fast form of matching works on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.clearing.matching.policy import TravelPolicy
from services.clearing.matching.profiles import Person
from services.clearing.matching.ranking import microseconds
from services.clearing.matching.travel import minutes_of_metres
from shared.reference.places import metres_between, metres_of_miles

Numbers = npt.NDArray[np.int64]
Levels = npt.NDArray[np.int8]
Marks = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

Key = TypeVar("Key")

NO_LIMIT = 2**31 - 1
NOT_KNOWN = -1
UNLISTED = -1
"""Level of a skill that the profile does not list: not the same as level 0, which says "I do not have this"."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether and how a person ranks; `home` and `group` are places in the tables of `PeopleColumns`."""

    live: Marks
    own_council_only: Marks
    tier: Numbers
    home: Numbers
    group: Numbers
    ends_on: Numbers
    verified_at: Numbers


@dataclass(frozen=True, slots=True)
class CurrentWork:
    band: Numbers
    pay: Numbers
    hours: Numbers


@dataclass(frozen=True, slots=True)
class Limits:
    """What people accept. Without a limit: 0 at least, NO_LIMIT at most, -1 for no limit of its own."""

    min_hours: Numbers
    max_hours: Numbers
    max_minutes: Numbers
    max_metres: Numbers
    hybrid_minutes: Numbers
    accepts_lower: Marks
    accepts_fixed: Marks
    accepts_short: Marks


@dataclass(frozen=True, slots=True)
class Skills:
    """Levels by skill and person; `columns` says which row of `levels` a skill has."""

    stated: Marks
    levels: Levels
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """People sorted by registration id, so that the order of the input changes nothing (P10)."""

    people: tuple[Person, ...]
    standing: Standing
    work: CurrentWork
    limits: Limits
    skills: Skills
    place: Numbers
    outcodes: tuple[str, ...]
    employers: dict[UUID, int]
    groups: dict[str, int]
    patterns: dict[str, Marks]
    patterns_stated: Marks
    areas: dict[str, Marks]
    ring_fences: dict[UUID, Marks]
    corrections: dict[str, tuple[Rows, Numbers]]

    def __len__(self) -> int:
        return len(self.people)


def people_columns(people: Iterable[Person], travel: TravelPolicy) -> PeopleColumns:
    """Read each person once. Raises ValueError when a registration comes twice."""
    rows = tuple(sorted(people, key=lambda person: person.registration_id.bytes))
    if len({person.registration_id for person in rows}) != len(rows):
        raise ValueError("a registration is matched once")
    employers = _index(person.home_employer_id for person in rows)
    groups = _index(person.successor_group for person in rows if person.successor_group is not None)
    outcodes = _index(person.outcode for person in rows if person.outcode is not None)
    return PeopleColumns(
        people=rows,
        standing=_standing(rows, employers, groups),
        work=CurrentWork(
            band=_numbers(rows, lambda person: person.band),
            pay=_numbers(rows, lambda person: person.current_fte_pence),
            hours=_numbers(rows, lambda person: person.current_hours),
        ),
        limits=_limits(rows, travel),
        skills=_skills(rows),
        place=_numbers(rows, lambda person: NOT_KNOWN if person.outcode is None else outcodes[person.outcode]),
        outcodes=tuple(outcodes),
        employers=employers,
        groups=groups,
        patterns=_sets(rows, lambda person: person.working_patterns or ()),
        patterns_stated=_marks(rows, lambda person: person.working_patterns is not None),
        areas=_sets(rows, lambda person: person.ticked_areas),
        ring_fences=_sets(rows, lambda person: person.ring_fences),
        corrections=_corrections(rows),
    )


def usual_limit_minutes(person: Person, travel: TravelPolicy) -> int:
    """The limit in minutes of a post that is not hybrid, as in `travel.travel_limit`."""
    if person.max_miles is None:
        return person.max_travel_minutes
    return minutes_of_metres(metres_of_miles(person.max_miles), travel)


def metres_from(outcodes: Sequence[str], outcode: str | None) -> Numbers:
    """Metres from each outward code to one, with a last entry for "not known": so -1 may index it."""
    metres = [None if outcode is None else metres_between(place, outcode) for place in outcodes]
    return np.array([*(NOT_KNOWN if found is None else found for found in metres), NOT_KNOWN], dtype=np.int64)


def _standing(rows: tuple[Person, ...], employers: dict[UUID, int], groups: dict[str, int]) -> Standing:
    return Standing(
        live=_marks(rows, lambda person: person.is_live),
        own_council_only=_marks(rows, lambda person: person.is_own_council_only),
        tier=_numbers(rows, lambda person: person.tier),
        home=_numbers(rows, lambda person: employers[person.home_employer_id]),
        group=_numbers(rows, lambda person: groups.get(person.successor_group or "", NOT_KNOWN)),
        ends_on=_numbers(rows, lambda person: (person.employment_ends_on or date.max).toordinal()),
        verified_at=_numbers(rows, lambda person: microseconds(person.verified_at)),
    )


def _limits(rows: tuple[Person, ...], travel: TravelPolicy) -> Limits:
    return Limits(
        min_hours=_numbers(rows, lambda person: _or(person.min_hours, 0)),
        max_hours=_numbers(rows, lambda person: _or(person.max_hours, NO_LIMIT)),
        max_minutes=_numbers(rows, lambda person: usual_limit_minutes(person, travel)),
        max_metres=_numbers(
            rows, lambda person: NO_LIMIT if person.max_miles is None else metres_of_miles(person.max_miles)
        ),
        hybrid_minutes=_numbers(rows, lambda person: _or(person.hybrid_max_travel_minutes, NOT_KNOWN)),
        accepts_lower=_marks(rows, lambda person: person.accepts_more_than_two_bands_lower),
        accepts_fixed=_marks(rows, lambda person: person.accepts_fixed_term),
        accepts_short=_marks(rows, lambda person: person.accepts_short_fixed_term),
    )


def _numbers(rows: tuple[Person, ...], read: Callable[[Person], int]) -> Numbers:
    return np.fromiter((read(person) for person in rows), dtype=np.int64, count=len(rows))


def _marks(rows: tuple[Person, ...], read: Callable[[Person], bool]) -> Marks:
    return np.fromiter((read(person) for person in rows), dtype=np.bool_, count=len(rows))


def _or(value: int | None, without: int) -> int:
    return without if value is None else value


def _index(values: Iterable[Key]) -> dict[Key, int]:
    """A number for each value, in order of first appearance."""
    return {value: number for number, value in enumerate(dict.fromkeys(values))}


def _sets(rows: tuple[Person, ...], read: Callable[[Person], Iterable[Key]]) -> dict[Key, Marks]:
    """For each value, who has it."""
    found: dict[Key, Marks] = {}
    for row, person in enumerate(rows):
        for value in read(person):
            if value not in found:
                found[value] = np.zeros(len(rows), dtype=np.bool_)
            found[value][row] = True
    return found


def _skills(rows: tuple[Person, ...]) -> Skills:
    columns = _index(skill_id for person in rows for skill_id in person.skills or ())
    levels = np.full((len(columns), len(rows)), UNLISTED, dtype=np.int8)
    for row, person in enumerate(rows):
        for skill_id, held in (person.skills or {}).items():
            levels[columns[skill_id], row] = held.level
    return Skills(_marks(rows, lambda person: person.skills is not None), levels, columns)


def _corrections(rows: tuple[Person, ...]) -> dict[str, tuple[Rows, Numbers]]:
    found: dict[str, tuple[list[int], list[int]]] = {}
    for row, person in enumerate(rows):
        for outcode, minutes in person.travel_corrections.items():
            at, given = found.setdefault(outcode, ([], []))
            at.append(row)
            given.append(minutes)
    return {
        outcode: (np.array(at, dtype=np.intp), np.array(given, dtype=np.int64))
        for outcode, (at, given) in found.items()
    }
