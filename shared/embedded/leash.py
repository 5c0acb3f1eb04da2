"""Ends a private instance whose owner was killed and can no longer stop it: `python -m shared.embedded.leash PID`.

Runs under the instance's supervisor, which it asks to shut down.
"""

import os
import signal
import sys
import time

import psutil

from shared.embedded.endings import is_alive

LOOK_EVERY_SECONDS = 1.0


def hold_until_gone(owner_pid: int) -> None:
    """Returns when that process has ended; a later one with the same number does not count as it."""
    try:
        owner = psutil.Process(owner_pid)
    except psutil.NoSuchProcess:
        return
    while is_alive(owner):
        time.sleep(LOOK_EVERY_SECONDS)


if __name__ == "__main__":
    hold_until_gone(int(sys.argv[1]))
    os.kill(os.getppid(), signal.SIGTERM)
