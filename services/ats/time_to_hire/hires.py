"""Which opening each hire takes (time to hire, section 1: openings go in order of acceptance)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.ats.time_to_hire.log import LogEntry
from services.ats.time_to_hire.vocabulary import Fault, HiringEvent
from shared.vocabulary import HiringRoute

VOIDING = frozenset({HiringEvent.OFFER_DECLINED, HiringEvent.OFFER_LAPSED, HiringEvent.OFFER_WITHDRAWN})
TAKING = frozenset(
    {
        HiringEvent.OFFER_ACCEPTED,
        HiringEvent.CLEARED,
        HiringEvent.STARTED,
        HiringEvent.FILLED_FROM_CLEARING,
    }
)
OF_A_CANDIDATE = VOIDING | TAKING | {HiringEvent.OFFER_MADE}


@dataclass(frozen=True)
class Hire:
    """A person whose acceptance stands; a withdrawn or declined offer leaves none behind."""

    reached: dict[HiringEvent, datetime]
    opening_no: int | None
    route: HiringRoute | None

    @property
    def taken_at(self) -> datetime:
        return min(when for event, when in self.reached.items() if event in TAKING)

    @property
    def is_competitive(self) -> bool:
        return self.route in {None, HiringRoute.EXTERNAL} and HiringEvent.FILLED_FROM_CLEARING not in self.reached


@dataclass(frozen=True)
class Placement:
    """Who takes an opening, and what is wrong with the log about it."""

    hire: Hire | None = None
    faults: frozenset[Fault] = field(default_factory=frozenset)


def place_hires(entries: Sequence[LogEntry]) -> dict[int, Placement]:
    """Every opening of one vacancy, by number, with the hire that takes it. The entries are in order of time.

    A hire that names its opening takes that one; the others take what is free, the earliest acceptance first. Where
    the log does not say whose opening an event is about, or has more hires than openings, no opening can be trusted.
    """
    count = max(1, *(entry.opening_no or 1 for entry in entries), *(entry.openings or 1 for entry in entries))
    threads, are_all_known = _threads(entries, count)
    hires = sorted((hire for thread in threads if (hire := _hire(thread))), key=lambda hire: hire.taken_at)
    taken: dict[int, Hire] = {}
    faults: dict[int, set[Fault]] = {number: set() for number in range(1, count + 1)}
    for hire in hires:
        if hire.opening_no is not None and hire.opening_no in taken:
            faults[hire.opening_no].add(Fault.MORE_HIRES_THAN_OPENINGS)
        elif hire.opening_no is not None:
            taken[hire.opening_no] = hire
    cancelled = {entry.opening_no: entry.occurred_at for entry in entries if entry.event is HiringEvent.CANCELLED}
    is_one_too_many = False
    for hire in (hire for hire in hires if hire.opening_no is None):
        free = (
            number
            for number in faults
            if number not in taken and (number not in cancelled or cancelled[number] > hire.taken_at)
        )
        number = next(free, None)
        if number is None:
            is_one_too_many = True
        else:
            taken[number] = hire
    of_all = {Fault.MORE_HIRES_THAN_OPENINGS} if is_one_too_many else set()
    of_all |= set() if are_all_known else {Fault.OPENING_UNKNOWN}
    return {number: Placement(taken.get(number), frozenset(own | of_all)) for number, own in faults.items()}


def _threads(entries: Sequence[LogEntry], count: int) -> tuple[list[list[LogEntry]], bool]:
    """The events of each candidate or, without candidate data, of each opening; and whether all could be told apart."""
    threads: dict[UUID | int, list[LogEntry]] = defaultdict(list)
    are_all_known = True
    for entry in entries:
        if entry.event not in OF_A_CANDIDATE:
            continue
        key = entry.application_id or entry.opening_no or (1 if count == 1 else None)
        if key is not None:
            threads[key].append(entry)
        elif entry.event in TAKING or entry.event is HiringEvent.OFFER_WITHDRAWN:
            are_all_known = False
    return list(threads.values()), are_all_known


def _hire(thread: Sequence[LogEntry]) -> Hire | None:
    """What stands at the end of a candidate's events: the first of each since an offer was last voided."""
    reached: dict[HiringEvent, datetime] = {}
    opening_no: int | None = None
    route: HiringRoute | None = None
    for entry in thread:
        if entry.event in VOIDING:
            reached, opening_no, route = {}, None, None
            continue
        reached.setdefault(entry.event, entry.occurred_at)
        opening_no = entry.opening_no or opening_no
        route = entry.route or route
    if not reached.keys() & TAKING:
        return None
    if HiringEvent.FILLED_FROM_CLEARING in reached:
        filled_at = reached[HiringEvent.FILLED_FROM_CLEARING]
        reached = {HiringEvent.OFFER_ACCEPTED: filled_at, HiringEvent.CLEARED: filled_at} | reached
    return Hire(reached, opening_no, route)
