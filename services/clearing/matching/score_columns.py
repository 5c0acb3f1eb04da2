"""Scores of many people for one post: the same whole numbers as `score.score`, in columns."""

from __future__ import annotations

import numpy as np

from services.clearing.matching.columns import NOT_KNOWN, Numbers, PeopleColumns, Rows
from services.clearing.matching.journey_columns import Journeys
from services.clearing.matching.policy import MatchingPolicy, TravelPolicy
from services.clearing.matching.profiles import Vacancy
from services.clearing.matching.score import (
    HOURS_POINTS_PER_PERCENT,
    PAY_POINTS_PER_PERCENT,
    UNKNOWN_F,
    band_f,
    contract_f,
)


def scores(people: PeopleColumns, vacancy: Vacancy, policy: MatchingPolicy, rows: Rows, trips: Journeys) -> Numbers:
    """The score of each person at `rows`, whose journeys are `trips`."""
    weights = policy.weights
    return (
        weights.skills * _skills(people, vacancy, rows)
        + weights.band * _band(people, vacancy, rows)
        + weights.travel * _travel(trips, policy.travel)
        + weights.pay * _pay(people, vacancy, rows)
        + weights.hours * _hours(people, vacancy, rows)
        + weights.contract * contract_f(vacancy)
        + weights.pattern * _pattern(people, vacancy, rows)
    )


def _skills(people: PeopleColumns, vacancy: Vacancy, rows: Rows) -> Numbers:
    if not vacancy.desirable:
        return _all(UNKNOWN_F, rows)
    got = _all(0, rows)
    for wanted in vacancy.desirable:
        column = people.skills.columns.get(wanted.skill_id)
        level = _all(0, rows) if column is None else np.maximum(people.skills.levels[column][rows], 0).astype(np.int64)
        is_one_below = (level == wanted.level - 1) & (level > 0)
        got += wanted.weight * np.where(level >= wanted.level, 2, is_one_below.astype(np.int64))
    return 100 * got // (2 * sum(wanted.weight for wanted in vacancy.desirable))


def _band(people: PeopleColumns, vacancy: Vacancy, rows: Rows) -> Numbers:
    delta = vacancy.band - people.work.band[rows]
    if not len(rows):
        return delta
    lowest = int(delta.min())
    table = np.array([band_f(step) for step in range(lowest, int(delta.max()) + 1)], dtype=np.int64)
    return table[delta - lowest]


def _travel(trips: Journeys, policy: TravelPolicy) -> Numbers:
    near = policy.near_minutes
    room = np.maximum(trips.limit - near, 1)
    falling = np.where(trips.minutes >= trips.limit, 0, 100 * (trips.limit - trips.minutes) // room)
    found = np.where(trips.minutes <= near, 100, falling)
    return np.where(trips.minutes == NOT_KNOWN, UNKNOWN_F, found)


def _pay(people: PeopleColumns, vacancy: Vacancy, rows: Rows) -> Numbers:
    if vacancy.max_fte_pence is None:
        return _all(UNKNOWN_F, rows)
    current = people.work.pay[rows]
    shortfall = np.maximum(current - vacancy.max_fte_pence, 0)
    percent = -(-100 * shortfall // np.maximum(current, 1))
    return np.maximum(0, 100 - PAY_POINTS_PER_PERCENT * percent)


def _hours(people: PeopleColumns, vacancy: Vacancy, rows: Rows) -> Numbers:
    if vacancy.hours is None:
        return _all(UNKNOWN_F, rows)
    current = people.work.hours[rows]
    percent = 100 * np.abs(vacancy.hours - current) // current
    return np.maximum(0, 100 - HOURS_POINTS_PER_PERCENT * percent)


def _pattern(people: PeopleColumns, vacancy: Vacancy, rows: Rows) -> Numbers:
    if vacancy.working_pattern is None:
        return _all(UNKNOWN_F, rows)
    accepting = people.patterns.get(vacancy.working_pattern)
    found = _all(0, rows) if accepting is None else 100 * accepting[rows].astype(np.int64)
    return np.where(people.patterns_stated[rows], found, UNKNOWN_F)


def _all(value: int, rows: Rows) -> Numbers:
    return np.full(len(rows), value, dtype=np.int64)
