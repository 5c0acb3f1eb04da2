"""When has a process ended? One whose parent never asks stays listed for ever, in a container above all."""

import time
from collections.abc import Iterable

import psutil

LOOK_EVERY_SECONDS = 0.05


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_ended(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Returns those that are still alive after that time."""
    deadline = time.monotonic() + seconds
    alive = [process for process in processes if is_alive(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_SECONDS)
        alive = [process for process in alive if is_alive(process)]
    return alive
