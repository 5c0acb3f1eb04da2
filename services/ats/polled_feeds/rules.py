"""When a feed is read again, and what a missing vacancy means. No database, no clock, no network."""

from __future__ import annotations

import random
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_WAIT_ASKED_FOR = timedelta(days=1)
JITTER = 0.2
FAILURES_UNTIL_SEEN = 3
"""Failed reads in a row after which the feed is listed as one that needs somebody."""
READS_UNTIL_GONE = 2


@dataclass(frozen=True, slots=True)
class Absence:
    """Of one vacancy that the feed has shown: good reads in a row without it; a person said that this is right."""

    reads: int = 0
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Absences:
    """`gone` is to be unpublished now. `noted` replaces what was known of the rest. Held: nothing is noted."""

    noted: Mapping[str, Absence]
    gone: frozenset[str]
    is_held: bool


def judge(known: Mapping[str, Absence], seen: AbstractSet[str]) -> Absences:
    """What a good read that shows `seen` says of the vacancies that are known and not gone.

    One that two good reads in a row do not show is gone. A read that misses more than half of the known ones, not
    counting what a person has confirmed, is held: far more often the feed broke than a council ended everything.
    """
    questioned = [each for each, absence in known.items() if each not in seen and not absence.is_confirmed]
    if 2 * len(questioned) > len(known):
        return Absences(known, frozenset(), is_held=True)
    noted = {
        each: Absence() if each in seen else Absence(absence.reads + 1, absence.is_confirmed)
        for each, absence in known.items()
    }
    gone = frozenset(each for each, absence in noted.items() if absence.reads >= READS_UNTIL_GONE)
    return Absences({each: absence for each, absence in noted.items() if each not in gone}, gone, is_held=False)


def confirm(known: Mapping[str, Absence], missing: AbstractSet[str]) -> dict[str, Absence]:
    """A person says that a held read was right: it counts as a good one for what it missed."""
    return {each: Absence(max(1, known[each].reads), is_confirmed=True) for each in missing if each in known}


def pause_after(failures: int, feed_id: UUID, asked_for: timedelta | None = None) -> timedelta:
    """How long to wait after so many failed reads in a row: doubling to six hours, a fifth more or less so that
    feeds of one vendor do not come back together (the same for the same feed and count); never less than the server
    asked for, up to a day.
    """
    doubled = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 20))
    jitter = random.Random(f"{feed_id}:{failures}").uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load
    return max(doubled * jitter, min(asked_for or timedelta(0), LONGEST_WAIT_ASKED_FOR))


def attests_anew(approved_at: datetime, last_approved_at: datetime | None) -> bool:
    """An approval that was given before the last one counted here cannot be of content that changed since."""
    return last_approved_at is None or approved_at > last_approved_at
