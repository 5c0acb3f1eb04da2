"""Essential criteria decided for everybody at once: the same answers as `criteria.criterion_state`, in columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from services.clearing.matching.columns import UNLISTED, Levels, Marks, Numbers, PeopleColumns
from services.clearing.matching.criteria import CHECKS_NOBODY_LISTS, may_be_trained, takes_any_subject
from services.clearing.matching.profiles import Criterion, Person
from shared.vocabulary import CriterionKind

MET: Final = 0
TRAINABLE: Final = 1
UNMET: Final = 2
UNKNOWN: Final = 3
States = npt.NDArray[np.int8]

MOST_KEPT = 4096
"""Answers kept for criteria seen before: 10 kB each for 10,000 people, so at most about 40 MB."""
NONE_GIVEN = -1
APART = 4_000_000
"""More than any date's ordinal: keeps one person's days from touching the next one's."""
EPOCH_ORDINAL = 719_163


@dataclass(frozen=True, slots=True)
class Jobs:
    """Every job of everybody, sorted by person, first day and last day. Undated jobs have months, dated ones days."""

    row: Numbers
    family: Numbers
    soc: Numbers
    months: Numbers
    start: Numbers
    end: Numbers
    families: dict[str, int]
    socs: dict[str, int]


@dataclass(frozen=True, slots=True)
class Qualifications:
    row: Numbers
    level: Numbers
    subject: Numbers
    subjects: dict[str, int]


@dataclass(frozen=True, slots=True)
class CriterionColumns:
    """The sections of everybody's profile that criteria read, and the answers already worked out."""

    columns: PeopleColumns
    jobs: Jobs
    jobs_stated: Marks
    qualifications: Qualifications
    qualifications_stated: Marks
    registrations: dict[str, tuple[Numbers, Numbers]]
    registrations_stated: Marks
    kept: dict[tuple[object, ...], States] = field(default_factory=dict)

    def states(self, criterion: Criterion, starts_on: date | None, max_weeks_to_train: int) -> States:
        """One state a person, as in `criterion_state`."""
        is_trainable = may_be_trained(criterion, max_weeks_to_train)
        key = _key(criterion, starts_on, is_trainable)
        found = self.kept.get(key)
        if found is None:
            found = self._decide(criterion, starts_on, is_trainable)
            if len(self.kept) < MOST_KEPT:
                self.kept[key] = found
        return found

    def _decide(self, criterion: Criterion, starts_on: date | None, is_trainable: bool) -> States:
        match criterion.kind:
            case CriterionKind.SKILL:
                return self._skill(criterion, is_trainable)
            case CriterionKind.EXPERIENCE:
                holds = _months(self.jobs, criterion, len(self.columns)) >= (criterion.months or 0)
                return _states(holds, ~self.jobs_stated, is_trainable)
            case CriterionKind.QUALIFICATION:
                holds, may_hold = self._qualified(criterion)
                return _states(holds, ~self.qualifications_stated | may_hold, is_trainable)
            case CriterionKind.REGISTRATION:
                holds, may_hold = self._registered(criterion, starts_on)
                return _states(holds, ~self.registrations_stated | may_hold, is_trainable)

    def _skill(self, criterion: Criterion, is_trainable: bool) -> States:
        column = self.columns.skills.columns.get(criterion.skill_id or "")
        count = len(self.columns)
        levels: Levels = (
            np.full(count, UNLISTED, dtype=np.int8) if column is None else self.columns.skills.levels[column]
        )
        found = _states(levels >= (criterion.level or 1), ~self.columns.skills.stated, is_trainable)
        unlisted = (levels == UNLISTED) & self.columns.skills.stated
        found[unlisted] = TRAINABLE if is_trainable else UNKNOWN
        return found

    def _qualified(self, criterion: Criterion) -> tuple[Marks, Marks]:
        """Who holds it, and who may hold it because the subject was not stated."""
        held = self.qualifications
        high_enough = held.level >= (criterion.level or 0)
        none = np.zeros(len(self.columns), dtype=np.bool_)
        if takes_any_subject(criterion):
            return _anywhere(held.row[high_enough], len(self.columns)), none
        wanted = [held.subjects[subject] for subject in criterion.subjects if subject in held.subjects]
        holds = _anywhere(held.row[high_enough & np.isin(held.subject, wanted)], len(self.columns))
        unstated = _anywhere(held.row[high_enough & (held.subject == NONE_GIVEN)], len(self.columns))
        return holds, unstated & ~holds

    def _registered(self, criterion: Criterion, starts_on: date | None) -> tuple[Marks, Marks]:
        count = len(self.columns)
        empty = np.zeros(0, dtype=np.int64)
        rows, valid_to = self.registrations.get(criterion.registration_code or "", (empty, empty))
        current = rows if starts_on is None else rows[valid_to >= starts_on.toordinal()]
        may_hold = np.zeros(count, dtype=np.bool_)
        if criterion.registration_code in CHECKS_NOBODY_LISTS:
            may_hold = ~_anywhere(rows, count)
        return _anywhere(current, count), may_hold


def criterion_columns(columns: PeopleColumns) -> CriterionColumns:
    people = columns.people
    return CriterionColumns(
        columns=columns,
        jobs=_jobs(people),
        jobs_stated=np.array([person.occupations is not None for person in people], dtype=np.bool_),
        qualifications=_qualifications(people),
        qualifications_stated=np.array([person.qualifications is not None for person in people], dtype=np.bool_),
        registrations=_registrations(people),
        registrations_stated=np.array([person.registrations is not None for person in people], dtype=np.bool_),
    )


def _key(criterion: Criterion, starts_on: date | None, is_trainable: bool) -> tuple[object, ...]:
    """What the answer depends on: not the criterion's id, words or weeks."""
    day = starts_on if criterion.kind is CriterionKind.REGISTRATION else None
    return (
        criterion.kind,
        is_trainable,
        day,
        criterion.level,
        criterion.subjects,
        criterion.registration_code,
        criterion.skill_id,
        criterion.families,
        criterion.soc_codes,
        criterion.months,
    )


def _states(holds: Marks, unknown: Marks, is_trainable: bool) -> States:
    found = np.where(holds, MET, TRAINABLE if is_trainable else UNMET).astype(np.int8)
    found[unknown] = UNKNOWN
    return found


def _anywhere(rows: Numbers, count: int) -> Marks:
    found = np.zeros(count, dtype=np.bool_)
    found[rows] = True
    return found


def _months(jobs: Jobs, criterion: Criterion, count: int) -> Numbers:
    """Months of experience a person, as in `experience_months`."""
    families = [jobs.families[name] for name in criterion.families if name in jobs.families]
    socs = [jobs.socs[code] for code in criterion.soc_codes if code in jobs.socs]
    counted = np.isin(jobs.family, families) | np.isin(jobs.soc, socs)
    dated = counted & (jobs.months == NONE_GIVEN)
    undated = counted & (jobs.months != NONE_GIVEN)
    months = np.zeros(count, dtype=np.int64)
    np.add.at(months, jobs.row[undated], jobs.months[undated])
    row, start, end = _stretches(jobs.row[dated], jobs.start[dated], jobs.end[dated])
    np.add.at(months, row, _whole_months(start, end))
    return months


def _stretches(row: Numbers, start: Numbers, end: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Unbroken stretches of jobs that are sorted by person and first day."""
    if not len(row):
        return row, start, end
    reach = np.maximum.accumulate(end + row * APART)
    opens = np.ones(len(row), dtype=np.bool_)
    opens[1:] = start[1:] + row[1:] * APART > reach[:-1] + 1
    closes = np.append(opens[1:], True)
    return row[opens], start[opens], reach[closes] - row[closes] * APART


def _whole_months(start: Numbers, end: Numbers) -> Numbers:
    first_month, first_day = _month_and_day(start)
    after_month, after_day = _month_and_day(end + 1)
    return after_month - first_month - (after_day < first_day)


def _month_and_day(ordinals: Numbers) -> tuple[Numbers, Numbers]:
    days = (ordinals - EPOCH_ORDINAL).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    return months.astype(np.int64), (days - months.astype("datetime64[D]")).astype(np.int64)


def _jobs(people: tuple[Person, ...]) -> Jobs:
    families: dict[str, int] = {}
    socs: dict[str, int] = {}
    rows = [
        (
            row,
            job.started_on.toordinal() if job.started_on is not None else 0,
            job.ended_on.toordinal() if job.ended_on is not None else 0,
            families.setdefault(job.family, len(families)),
            NONE_GIVEN if job.soc2020 is None else socs.setdefault(job.soc2020, len(socs)),
            NONE_GIVEN if job.months is None else job.months,
        )
        for row, person in enumerate(people)
        for job in person.occupations or ()
    ]
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 6)
    row, start, end, family, soc, months = (np.ascontiguousarray(column) for column in table.T)
    return Jobs(row, family, soc, months, start, end, families, socs)


def _qualifications(people: tuple[Person, ...]) -> Qualifications:
    subjects: dict[str, int] = {}
    rows = [
        (row, held.level, NONE_GIVEN if held.subject is None else subjects.setdefault(held.subject, len(subjects)))
        for row, person in enumerate(people)
        for held in person.qualifications or ()
    ]
    row, level, subject = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Qualifications(row, level, subject, subjects)


def _registrations(people: tuple[Person, ...]) -> dict[str, tuple[Numbers, Numbers]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for row, person in enumerate(people):
        for held in person.registrations or ():
            found.setdefault(held.code, []).append((row, (held.valid_to or date.max).toordinal()))
    tables = {code: np.array(rows, dtype=np.int64) for code, rows in found.items()}
    return {code: (table[:, 0], table[:, 1]) for code, table in tables.items()}
