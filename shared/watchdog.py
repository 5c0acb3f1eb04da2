"""Ends a process whose event loop is stuck: a handler that never gives way would stop everything, for ever.

The starts of what it was doing are counted already, so that a poisoned event is refused after five such ends.
"""

from __future__ import annotations

import asyncio
import os
import threading

import structlog

log = structlog.get_logger()

STUCK_SECONDS = 40
EXIT_STATUS = 70


class Watchdog:
    """Counts looks without a beat, in a thread of its own.

    A process that was stopped and continued is not mistaken for a stuck one: its thread stood still as well.
    """

    def __init__(self, stuck_seconds: float = STUCK_SECONDS, *, look_seconds: float = 1.0) -> None:
        """Ends the process after `stuck_seconds` without a beat, looked for every `look_seconds`."""
        self._stuck_seconds = stuck_seconds
        self._look_seconds = look_seconds
        self._beats = 0
        self._ended = threading.Event()

    async def run(self) -> None:
        """Beat until cancelled."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        try:
            while True:
                self._beats += 1
                await asyncio.sleep(self._look_seconds / 2)
        finally:
            self._ended.set()

    def _watch(self) -> None:
        seen, missed = self._beats, 0
        while not self._ended.wait(self._look_seconds):
            missed = missed + 1 if seen == self._beats else 0
            seen = self._beats
            if missed * self._look_seconds >= self._stuck_seconds:
                log.error("event_loop_stuck", seconds=missed * self._look_seconds)
                os._exit(EXIT_STATUS)
