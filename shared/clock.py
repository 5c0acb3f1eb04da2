"""The business clock: what day it is for deadlines, windows and trials (design: two clocks).

Leases, resends, tokens and sessions use the database's own `clock_timestamp()` instead.
"""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Protocol

from shared.errors import Invalid

# Longer than any retention or trial; dates at the end of the calendar would stop every process for good.
LONGEST_SHIFT = timedelta(days=3653)


class ClockRunsBackwards(Invalid):
    code: ClassVar[str] = "clock_runs_backwards"
    title: ClassVar[str] = "The business clock only moves forward"


class ClockOutOfReach(Invalid):
    code: ClassVar[str] = "clock_out_of_reach"
    title: ClassVar[str] = f"The business clock goes at most {LONGEST_SHIFT.days} days ahead of the real one"


class Clock(Protocol):
    def now(self) -> datetime:
        """The current business instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The system clock plus an offset kept in a file, so that every process of an instance sees the same day.

    Only embedded mode uses it. The offset never shrinks: the business clock does not run backwards.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset()

    def offset(self) -> timedelta:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._offset
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            self._offset = timedelta(seconds=json.loads(self._path.read_text())["offset_seconds"])
            self._stamp = stamp
        return self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and return the new instant. Raises ClockRunsBackwards or ClockOutOfReach."""
        with self._alone():
            return self._move(by, "advance")

    def advance_to(self, instant: datetime) -> datetime:
        """Move the clock forward to an aware instant. Raises ClockRunsBackwards or ClockOutOfReach."""
        with self._alone():
            return self._move(instant - self.now(), "now")

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Two moves at once, from several processes: each builds on the other."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _move(self, by: timedelta, field: str) -> datetime:
        """`field` names what asked for it in a refusal."""
        if by < timedelta():
            raise ClockRunsBackwards(field=field)
        if by > LONGEST_SHIFT - self.offset():
            raise ClockOutOfReach(field=field)
        total = self.offset() + by
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False) as written:
            json.dump({"offset_seconds": total.total_seconds()}, written)
        Path(written.name).replace(self._path)
        return self.now()
