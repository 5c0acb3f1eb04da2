"""Vacancies as columns: enough to sift those that one person cannot have, before the plain rules judge the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.clearing.matching.columns import NO_LIMIT, NOT_KNOWN, Marks, Numbers, metres_from, usual_limit_minutes
from services.clearing.matching.journey_columns import minutes_of
from services.clearing.matching.policy import MatchingPolicy, TravelPolicy
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.travel import is_hybrid
from shared.reference.places import metres_of_miles


@dataclass(frozen=True, slots=True)
class VacancyColumns:
    """Vacancies sorted by id."""

    vacancies: tuple[Vacancy, ...]
    is_open: Marks
    band: Numbers
    hours: Numbers
    is_permanent: Marks
    place: Numbers
    has_own_limit: Marks
    outcodes: tuple[str, ...]


def vacancy_columns(vacancies: Iterable[Vacancy], travel: TravelPolicy) -> VacancyColumns:
    """Raises ValueError when a vacancy comes twice."""
    rows = tuple(sorted(vacancies, key=lambda vacancy: vacancy.vacancy_id.bytes))
    if len({vacancy.vacancy_id for vacancy in rows}) != len(rows):
        raise ValueError("a vacancy is matched once")
    outcodes = {
        outcode: place for place, outcode in enumerate(dict.fromkeys(v.outcode for v in rows if v.outcode is not None))
    }
    return VacancyColumns(
        vacancies=rows,
        is_open=np.array([v.is_open and v.is_funded and v.openings >= 1 for v in rows], dtype=np.bool_),
        band=np.array([v.band for v in rows], dtype=np.int64),
        hours=np.array([NOT_KNOWN if v.hours is None else v.hours for v in rows], dtype=np.int64),
        is_permanent=np.array([v.is_permanent for v in rows], dtype=np.bool_),
        place=np.array([NOT_KNOWN if v.outcode is None else outcodes[v.outcode] for v in rows], dtype=np.int64),
        has_own_limit=np.array([is_hybrid(v, travel) for v in rows], dtype=np.bool_),
        outcodes=tuple(outcodes),
    )


def within_reach(columns: VacancyColumns, person: Person, policy: MatchingPolicy) -> Marks:
    """Vacancies that may pass for a person: none that the plain rules would pass is left out."""
    delta = columns.band - person.band
    may_pass = columns.is_open & (delta <= 0)
    if not person.accepts_more_than_two_bands_lower:
        may_pass &= delta >= -policy.fit.max_band_drop
    least = 0 if person.min_hours is None else person.min_hours
    most = NO_LIMIT if person.max_hours is None else person.max_hours
    may_pass &= (columns.hours == NOT_KNOWN) | ((columns.hours >= least) & (columns.hours <= most))
    if not person.accepts_fixed_term:
        may_pass &= columns.is_permanent
    return may_pass & _near_enough(columns, person, policy)


def _near_enough(columns: VacancyColumns, person: Person, policy: MatchingPolicy) -> Marks:
    """By straight line alone; hybrid posts, ticked areas and corrected journeys are left to the plain rules."""
    metres = metres_from(columns.outcodes, person.outcode)[columns.place]
    if person.max_miles is None:
        near = minutes_of(metres, policy.travel) <= usual_limit_minutes(person, policy.travel)
    else:
        near = metres <= metres_of_miles(person.max_miles)
    near |= (metres == NOT_KNOWN) | columns.has_own_limit
    if person.ticked_areas or person.travel_corrections:
        near |= np.array(
            [
                vacancy.workplace_area in person.ticked_areas or vacancy.outcode in person.travel_corrections
                for vacancy in columns.vacancies
            ],
            dtype=np.bool_,
        )
    return near
