"""Ends a private instance whose owner was killed and can no longer stop it: `python -m shared.embedded.leash PID`.

Runs under the instance's supervisor, which it asks to shut down.
"""

import os
import signal
import sys
import time

import psutil

LOOK_EVERY_SECONDS = 1.0


def hold_until_gone(owner_pid: int) -> None:
    """Returns when that process has ended; a later one with the same number does not count as it."""
    try:
        owner = psutil.Process(owner_pid)
        while owner.is_running() and owner.status() != psutil.STATUS_ZOMBIE:
            time.sleep(LOOK_EVERY_SECONDS)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    hold_until_gone(int(sys.argv[1]))
    os.kill(os.getppid(), signal.SIGTERM)
