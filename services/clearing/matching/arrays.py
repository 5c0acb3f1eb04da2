"""The fast form of matching: the same answers as `rules.fit` and `score.score`, to the point, for a whole region.

Build once from the snapshot, then ask for one vacancy, one person or everything. All arithmetic is on integers.
A match is an eligible pair; whether it needs a human's look stands beside its score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from services.clearing.matching.columns import Marks, Numbers, PeopleColumns, Rows, people_columns
from services.clearing.matching.criterion_columns import UNKNOWN, UNMET, CriterionColumns, criterion_columns
from services.clearing.matching.journey_columns import journeys
from services.clearing.matching.policy import MatchingPolicy, RankOrder
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.ranking import tie_hash
from services.clearing.matching.rules import RING_OWN, RING_REGION, RING_SUCCESSOR, Pair, fit, has_unmet_criterion
from services.clearing.matching.score import score
from services.clearing.matching.score_columns import scores
from services.clearing.matching.vacancy_columns import VacancyColumns, vacancy_columns, within_reach


@dataclass(frozen=True, slots=True)
class RegionArrays:
    """A snapshot, warm. `distances` and `ties` keep what was worked out for a workplace and a run's salt."""

    people: PeopleColumns
    vacancies: VacancyColumns
    criteria: CriterionColumns
    policy: MatchingPolicy
    distances: dict[str | None, Numbers] = field(default_factory=dict)
    ties: dict[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VacancyMatches:
    """Eligible people of one vacancy: rows of `RegionArrays.people.people`, ascending, with score and review mark."""

    rows: Rows
    scores: Numbers
    needs_review: Marks


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """One eligible vacancy of one person."""

    vacancy: Vacancy
    score: int
    needs_review: bool


@dataclass(frozen=True, slots=True)
class RegionMatches:
    """All eligible pairs, vacancy by vacancy in order of id. `starts` says where each vacancy's people begin."""

    people: Rows
    vacancies: Rows
    scores: Numbers
    needs_review: Marks
    starts: Rows

    def __len__(self) -> int:
        return len(self.scores)

    def of_vacancy(self, vacancy: int) -> VacancyMatches:
        """The part of one vacancy, by its row."""
        part = slice(int(self.starts[vacancy]), int(self.starts[vacancy + 1]))
        return VacancyMatches(self.people[part], self.scores[part], self.needs_review[part])


def build_arrays(people: Iterable[Person], vacancies: Iterable[Vacancy], policy: MatchingPolicy) -> RegionArrays:
    """Read a snapshot once. Raises ValueError when a registration or vacancy comes twice."""
    columns = people_columns(people, policy.travel)
    return RegionArrays(columns, vacancy_columns(vacancies, policy.travel), criterion_columns(columns), policy)


def match_vacancy(arrays: RegionArrays, vacancy: Vacancy) -> VacancyMatches:
    """Everybody who is eligible for a vacancy, which need not be one of the arrays' own."""
    people, policy = arrays.people, arrays.policy
    if not (vacancy.is_open and vacancy.is_funded and vacancy.openings >= 1):
        return _nobody()
    rows = np.flatnonzero(_passes(people, vacancy, policy))
    trips = journeys(people, vacancy, policy.travel, arrays.distances, rows)
    rows, trips = rows[trips.may_pass], trips.at(trips.may_pass)
    review = trips.is_unknown | (vacancy.hours is None) | _contract_is_unknown(people, vacancy, rows)
    for criterion in vacancy.essential:
        states = arrays.criteria.states(criterion, vacancy.starts_on, policy.fit.max_weeks_to_train)[rows]
        held = states != UNMET
        rows, trips = rows[held], trips.at(held)
        review = review[held] | (states[held] == UNKNOWN)
    return VacancyMatches(rows, scores(people, vacancy, policy, rows, trips), review)


def match_person(arrays: RegionArrays, person: Person) -> tuple[PersonMatch, ...]:
    """Every vacancy a person is eligible for, best first; the person need not be one of the arrays' own.

    Bands, hours, contracts and distance sift in columns; what is left is judged by the plain rules themselves.
    """
    matches = []
    for row in np.flatnonzero(within_reach(arrays.vacancies, person, arrays.policy)):
        vacancy = arrays.vacancies.vacancies[row]
        if has_unmet_criterion(Pair(person, vacancy, arrays.policy)):
            continue  # what the columns have sifted mostly fails here, so this is asked first
        found = fit(person, vacancy, arrays.policy)
        if found.is_eligible:
            matches.append(PersonMatch(vacancy, score(person, vacancy, arrays.policy), found.needs_review))
    return tuple(sorted(matches, key=lambda match: (-match.score, match.vacancy.vacancy_id.bytes)))


def match_region(arrays: RegionArrays) -> RegionMatches:
    """Every eligible pair of the snapshot. Memory grows with the eligible pairs, not with all pairs."""
    found = [match_vacancy(arrays, vacancy) for vacancy in arrays.vacancies.vacancies]
    counts = np.array([len(matches.rows) for matches in found], dtype=np.intp)
    return RegionMatches(
        people=np.concatenate([_nobody().rows, *(matches.rows for matches in found)]),
        vacancies=np.repeat(np.arange(len(found)), counts),
        scores=np.concatenate([_nobody().scores, *(matches.scores for matches in found)]),
        needs_review=np.concatenate([_nobody().needs_review, *(matches.needs_review for matches in found)]),
        starts=np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(counts)]),
    )


def rings(arrays: RegionArrays, vacancy: Vacancy, rows: Rows) -> Numbers:
    """The ring of each person for a vacancy, as in `rules.ring_of`."""
    people = arrays.people
    group = people.groups.get(vacancy.successor_group or "", None)
    found = np.full(len(rows), RING_REGION, dtype=np.int64)
    if group is not None:
        found[people.standing.group[rows] == group] = RING_SUCCESSOR
    found[people.standing.home[rows] == people.employers.get(vacancy.employer_id, -1)] = RING_OWN
    return found


def rank(arrays: RegionArrays, vacancy: Vacancy, matches: VacancyMatches, salt: str) -> Rows:
    """Positions in `matches`, highest priority first, as `ranking.RankKey.sort_key` orders them (R9)."""
    people, rows = arrays.people, matches.rows
    ring, tier = rings(arrays, vacancy, rows), people.standing.tier[rows]
    first, second = (ring, tier) if arrays.policy.order is RankOrder.RING_FIRST else (tier, ring)
    tie = _tie_places(arrays, salt)[rows]
    return np.lexsort(
        (tie, people.standing.verified_at[rows], people.standing.ends_on[rows], -matches.scores, second, first)
    )


def registration_ids(arrays: RegionArrays, rows: Rows) -> list[UUID]:
    return [arrays.people.people[row].registration_id for row in rows]


def _passes(people: PeopleColumns, vacancy: Vacancy, policy: MatchingPolicy) -> Marks:
    """R2, R22, R23 (hours), R24 and R26 for everybody: fails only, unknowns pass."""
    delta = vacancy.band - people.work.band
    passes = people.standing.live & (delta <= 0) & ((delta >= -policy.fit.max_band_drop) | people.limits.accepts_lower)
    if vacancy.hours is not None:
        passes &= (people.limits.min_hours <= vacancy.hours) & (vacancy.hours <= people.limits.max_hours)
    if not vacancy.is_permanent:
        passes &= people.limits.accepts_fixed
        if vacancy.contract_months is not None and vacancy.contract_months < policy.fit.min_fixed_term_months:
            passes &= people.limits.accepts_short
    passes &= ~people.standing.own_council_only | (
        people.standing.home == people.employers.get(vacancy.employer_id, -1)
    )
    if vacancy.ring_fence is not None and vacancy.ring_fence in people.ring_fences:
        passes &= ~people.ring_fences[vacancy.ring_fence]
    return passes


def _contract_is_unknown(people: PeopleColumns, vacancy: Vacancy, rows: Rows) -> Marks:
    if vacancy.is_permanent or vacancy.contract_months is not None:
        return np.zeros(len(rows), dtype=np.bool_)
    return ~people.limits.accepts_short[rows]


def _tie_places(arrays: RegionArrays, salt: str) -> Numbers:
    """Each person's place in the order of tie hashes for a run's salt."""
    if salt not in arrays.ties:
        hashes = np.array([tie_hash(salt, person.registration_id) for person in arrays.people.people], dtype="U64")
        places = np.empty(len(hashes), dtype=np.int64)
        places[np.argsort(hashes)] = np.arange(len(hashes))
        arrays.ties[salt] = places
    return arrays.ties[salt]


def _nobody() -> VacancyMatches:
    return VacancyMatches(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
