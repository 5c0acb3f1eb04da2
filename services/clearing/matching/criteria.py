"""How each essential criterion is decided for a person (R28, R29).

What the person has not stated is UNKNOWN, never UNMET. What counts as stated depends on the section of the profile:

- A section that was never filled in (None) says nothing: every criterion that reads it is UNKNOWN.
- Qualifications, registrations and occupations, once given, are a full statement, even when empty: what is not there
  is not held. Right to work and DBS checks are the exception: nobody lists them, so unlisted is UNKNOWN.
- Skills, once given, are an open list, because real profiles list too few: a skill that is not listed is never UNMET.
  Where it can be learnt in time the criterion is TRAINABLE, whatever the truth turns out to be; otherwise UNKNOWN.
  A level given below the one required (0 says "I do not have this") is a statement.
- A qualification high enough in a subject that was not stated may be the one required: UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from services.clearing.matching.profiles import Criterion, Occupation, Person, Qualification
from shared.vocabulary import CriterionKind

CHECKS_NOBODY_LISTS = frozenset({"right_to_work", "dbs_basic", "dbs_standard", "dbs_enhanced"})
ANY_SUBJECT = "any"


class CriterionState(StrEnum):
    MET = "met"
    TRAINABLE = "trainable"
    UNMET = "unmet"
    UNKNOWN = "unknown"


def criterion_state(
    criterion: Criterion, person: Person, *, starts_on: date | None, max_weeks_to_train: int
) -> CriterionState:
    """State of one criterion for a person (R28, R29). `starts_on` is the post's first day, when known."""
    is_trainable = may_be_trained(criterion, max_weeks_to_train)
    match criterion.kind:
        case CriterionKind.QUALIFICATION:
            return _of(holds_qualification(criterion, person.qualifications), is_trainable)
        case CriterionKind.REGISTRATION:
            return _of(_holds_registration(criterion, person, starts_on), is_trainable)
        case CriterionKind.EXPERIENCE:
            return _of(_has_experience(criterion, person), is_trainable)
        case CriterionKind.SKILL:
            return _skill_state(criterion, person, is_trainable)


def may_be_trained(criterion: Criterion, max_weeks_to_train: int) -> bool:
    """R29: trainable, and within the allowance of weeks. A trainable criterion without a number of weeks is not."""
    return (
        criterion.trainable
        and criterion.weeks_to_train is not None
        and (criterion.weeks_to_train <= max_weeks_to_train)
    )


def holds_qualification(criterion: Criterion, held: tuple[Qualification, ...] | None) -> bool | None:
    """Framework level at least that required and, where listed, the subject in the set; None when not stated."""
    if held is None:
        return None
    high_enough = [item for item in held if item.level >= (criterion.level or 0)]
    if takes_any_subject(criterion):
        return bool(high_enough)
    if any(item.subject in criterion.subjects for item in high_enough):
        return True
    return None if any(item.subject is None for item in high_enough) else False


def takes_any_subject(criterion: Criterion) -> bool:
    return not criterion.subjects or ANY_SUBJECT in criterion.subjects


def experience_months(occupations: Iterable[Occupation], criterion: Criterion) -> int:
    """Months in the listed SOC 2020 codes or families, overlaps counted once.

    Dated jobs are laid over one another and the whole months of each unbroken stretch are summed; months given
    without dates are added, since nothing shows that they overlap.
    """
    counted = [job for job in occupations if job.family in criterion.families or job.soc2020 in criterion.soc_codes]
    undated = sum(job.months for job in counted if job.months is not None)
    dated = sorted(
        (job.started_on, job.ended_on) for job in counted if job.started_on is not None and job.ended_on is not None
    )
    return undated + sum(whole_months(start, end) for start, end in _stretches(dated))


def whole_months(start: date, end: date) -> int:
    """Complete months from a first to a last day, both included: 1 January to 31 December is twelve."""
    after = end + timedelta(days=1)
    return (after.year - start.year) * 12 + after.month - start.month - (after.day < start.day)


def _stretches(dated: list[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for start, end in dated:
        if merged and start <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _has_experience(criterion: Criterion, person: Person) -> bool | None:
    if person.occupations is None:
        return None
    return experience_months(person.occupations, criterion) >= (criterion.months or 0)


def _holds_registration(criterion: Criterion, person: Person, starts_on: date | None) -> bool | None:
    """Held and current on the post's first day; a post without a first day asks only that it is held."""
    if person.registrations is None:
        return None
    held = [item for item in person.registrations if item.code == criterion.registration_code]
    if not held and criterion.registration_code in CHECKS_NOBODY_LISTS:
        return None
    return any(item.valid_to is None or starts_on is None or starts_on <= item.valid_to for item in held)


def _skill_state(criterion: Criterion, person: Person, is_trainable: bool) -> CriterionState:
    if person.skills is None:
        return CriterionState.UNKNOWN
    held = person.skills.get(criterion.skill_id or "")
    if held is None:
        return CriterionState.TRAINABLE if is_trainable else CriterionState.UNKNOWN
    return _of(held.level >= (criterion.level or 1), is_trainable)


def _of(holds: bool | None, is_trainable: bool) -> CriterionState:
    if holds is None:
        return CriterionState.UNKNOWN
    if holds:
        return CriterionState.MET
    return CriterionState.TRAINABLE if is_trainable else CriterionState.UNMET
