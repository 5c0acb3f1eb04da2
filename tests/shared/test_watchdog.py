"""A process whose event loop is stuck ends itself; one that was merely stopped for a while, or is done, does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUCK = """
import asyncio, time
from shared.watchdog import Watchdog
async def main():
    asyncio.create_task(Watchdog(stuck_seconds=1, look_seconds=0.25).run())
    await asyncio.sleep(0.1)
    print("stuck", flush=True)
    while True:
        time.sleep(0.01)
asyncio.run(main())
"""
STOPPED = """
import asyncio, time
from shared.watchdog import Watchdog
async def main():
    task = asyncio.create_task(Watchdog(stuck_seconds=1, look_seconds=0.25).run())
    await asyncio.sleep(0.1)
    print("ready", flush=True)
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.sleep(0)
    # Without beats, but the watchdog has ended with its task.
    time.sleep(1.5)
asyncio.run(main())
"""


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_stuck_event_loop_ends_its_process() -> None:
    with start(STUCK) as process:
        assert process.wait(30) == 70


def test_a_process_that_was_stopped_and_continued_lives_and_one_that_is_done_is_left_alone() -> None:
    with start(STOPPED) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGSTOP)
        with subprocess.Popen(["sleep", "1.5"]) as pause:
            pause.wait()
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait(30) == 0
