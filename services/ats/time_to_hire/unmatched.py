"""The days that clearing added to a vacancy which matched nobody. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from services.ats.time_to_hire.log import LogEntry, in_order
from services.ats.time_to_hire.vocabulary import HiringEvent
from shared.calendar import local_date

NOBODY_MATCHED = "nobody_matched"
"""Clearing's own word for it, with the release: whom a window matched when it opened says nothing of later matches."""


def unmatched_waits(entries: Iterable[LogEntry]) -> list[tuple[date, date]]:
    """From the day a vacancy entered clearing to the day it was released because nobody matched.

    A vacancy that is advertised again enters clearing again, and waits for that run alone.
    """
    waits: list[tuple[date, date]] = []
    entered: dict[UUID, datetime] = {}
    for entry in in_order(entries):
        if entry.event is HiringEvent.CLEARING_ENTERED:
            entered[entry.vacancy_id] = entry.occurred_at
        elif entry.event is HiringEvent.RELEASED:
            since = entered.pop(entry.vacancy_id, None)
            if since is not None and entry.reason == NOBODY_MATCHED:
                waits.append((local_date(since), local_date(entry.occurred_at)))
    return waits
