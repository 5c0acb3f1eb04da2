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
    """Counts whole seconds without a beat, in a thread of its own.

    A process that was stopped and continued is not mistaken for a stuck one: its thread stood still as well.
    """

    def __init__(self, stuck_seconds: int = STUCK_SECONDS) -> None:
        self._stuck_seconds = stuck_seconds
        self._beats = 0
        self._ended = threading.Event()

    async def run(self) -> None:
        """Beat until cancelled."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        try:
            while True:
                self._beats += 1
                await asyncio.sleep(0.5)
        finally:
            self._ended.set()

    def _watch(self) -> None:
        seen, missed = self._beats, 0
        while not self._ended.wait(1):
            missed = missed + 1 if seen == self._beats else 0
            seen = self._beats
            if missed >= self._stuck_seconds:
                log.error("event_loop_stuck", seconds=missed)
                os._exit(EXIT_STATUS)
