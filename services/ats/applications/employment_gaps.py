"""Time between jobs that a candidate's history does not explain. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

LONGEST_UNEXPLAINED_DAYS = 92
"""Three months, as safer recruitment asks (spec ats 1b.14). A shorter one is no gap."""


class Gap(BaseModel):
    starts_on: date
    ends_on: date
    days: int


def find_gaps(answers: Mapping[str, Any], *, today: date) -> list[Gap]:
    """Between the first job and `today`, days of both ends included, where neither a job nor a break is told of.

    `answers` as an application stores them. Jobs that overlap count as one stretch.
    """
    jobs = [_stretch(each, today) for each in answers.get("employment", ())]
    if not jobs:
        return []
    covered = sorted([*jobs, *(_stretch(each, today) for each in answers.get("breaks", ()))])
    return [*_between(covered, start=min(jobs)[0], today=today)]


def _stretch(told: Mapping[str, Any], today: date) -> tuple[date, date]:
    ended_on = told.get("ended_on")
    return date.fromisoformat(told["started_on"]), today if ended_on is None else date.fromisoformat(ended_on)


def _between(covered: Iterable[tuple[date, date]], *, start: date, today: date) -> Iterable[Gap]:
    reached = start - timedelta(days=1)
    for began, ended in [*covered, (today + timedelta(days=1), today + timedelta(days=1))]:
        days = (min(began, today + timedelta(days=1)) - reached).days - 1
        if days > LONGEST_UNEXPLAINED_DAYS:
            first = reached + timedelta(days=1)
            yield Gap(starts_on=first, ends_on=first + timedelta(days=days - 1), days=days)
        reached = max(reached, ended)
