"""One copy at a time over one data folder, however the last one ended."""

import fcntl
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from shared.embedded.leftovers import find_leftovers
from shared.embedded.problems import EmbeddedProblem
from shared.embedded.supervisor import Supervisor

RUNTIME_FILE = "runtime.json"


class AlreadyRunning(EmbeddedProblem):
    """The data folder is in use by a live instance, or by what a killed one left behind."""


@contextmanager
def only_copy(folder: Path) -> Generator[None]:
    """Held by a live process only, so neither a crash nor a power cut leaves anything to clear away.

    Raises AlreadyRunning where a copy runs in a terminal or in the background, or a killed one left processes behind.
    """
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"A copy over {folder} is running already: `make stop` stops it.") from None
        _refuse_what_runs(folder)
        yield


def _refuse_what_runs(folder: Path) -> None:
    if Supervisor(folder).is_running():
        if _runtime(folder).get("background"):
            raise AlreadyRunning(f"A copy over {folder} is running in the background: `make stop` stops it.")
        raise AlreadyRunning("An earlier run was killed and left its processes running: `make stop` ends them.")
    if left := find_leftovers(folder):
        raise AlreadyRunning(
            f"An earlier run was killed and left {len(left)} processes running: `make stop` ends them."
        )


def _runtime(folder: Path) -> dict[str, object]:
    try:
        return json.loads((folder / RUNTIME_FILE).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
