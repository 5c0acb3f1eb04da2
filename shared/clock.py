"""The business clock: what day it is for deadlines, windows and trials (design: two clocks).

Leases, resends, tokens and sessions use the database's own `clock_timestamp()` instead.
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


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
        """Move the clock forward and return the new instant. Raises ValueError for a step back."""
        if by < timedelta():
            raise ValueError("the business clock only moves forward")
        total = self.offset() + by
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False) as written:
            json.dump({"offset_seconds": total.total_seconds()}, written)
        Path(written.name).replace(self._path)
        return self.now()
