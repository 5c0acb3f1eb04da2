"""The days an opening was paused: taken off the net figure once, however many holds overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from services.ats.time_to_hire.log import LogEntry
from services.ats.time_to_hire.vocabulary import HiringEvent
from shared.calendar import local_date


def days_on_hold(own: Sequence[LogEntry], as_at: datetime) -> tuple[tuple[tuple[date, date], ...], bool]:
    """Merged day ranges on hold up to `as_at`, and whether every end had its start.

    Holds of the whole vacancy and of this opening are followed apart, then merged where they overlap.
    """
    ranges: list[tuple[date, date]] = []
    is_sound = True
    for of_opening in (False, True):
        running: list[datetime] = []
        for entry in own:
            if (entry.opening_no is not None) is not of_opening:
                continue
            if entry.event is HiringEvent.HOLD_STARTED:
                running.append(entry.occurred_at)
            elif entry.event is HiringEvent.HOLD_ENDED and running:
                ranges.append((local_date(running.pop()), local_date(entry.occurred_at)))
            elif entry.event is HiringEvent.HOLD_ENDED:
                is_sound = False
        ranges += [(local_date(started_at), local_date(as_at)) for started_at in running]
    return _merged(ranges), is_sound


def _merged(ranges: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    merged: list[tuple[date, date]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return tuple(merged)
