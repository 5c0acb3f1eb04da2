"""Processes of an instance whose supervisor was killed: found by their mark or their data folder, never by name."""

import contextlib
import signal
from pathlib import Path

import psutil

from shared.embedded.endings import is_alive, wait_until_ended
from shared.embedded.environment import MARK, mark
from shared.embedded.postmaster import find_postmaster

END_SECONDS = 20.0


def find_leftovers(folder: Path) -> list[psutil.Process]:
    """Every live process that this folder's supervisor started, the server over its data included."""
    found = {process.pid: process for process in psutil.process_iter() if _is_marked(process, mark(folder))}
    # The database server writes its title over its environment, so it shows no mark.
    if postmaster := find_postmaster(folder / "postgres"):
        found[postmaster.pid] = postmaster
    return list(found.values())


def end_leftovers(folder: Path) -> int:
    """Ends them, by force after END_SECONDS, and returns how many there were."""
    found = find_leftovers(folder)
    postmaster = find_postmaster(folder / "postgres")
    for process in found:
        # PostgreSQL waits for its clients on SIGTERM and ends their sessions on SIGINT.
        _signal(process, signal.SIGINT if process == postmaster else signal.SIGTERM)
    for process in wait_until_ended(found, END_SECONDS):
        _signal(process, signal.SIGKILL)
    wait_until_ended(found, END_SECONDS)
    return len(found)


def _is_marked(process: psutil.Process, folder_mark: str) -> bool:
    try:
        return process.environ().get(MARK) == folder_mark and is_alive(process)
    except (psutil.Error, OSError):
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
