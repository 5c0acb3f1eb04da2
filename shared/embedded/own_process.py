"""A server process that is a child of this one: for tests and tools; `make run` leaves that to its supervisor."""

import errno
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from shared.embedded.problems import EmbeddedProblem
from shared.embedded.run_user import RunUser

FULL_DISK = os.strerror(errno.ENOSPC)


class OwnProcess:
    """Started in a session of its own, so that a Ctrl-C in the terminal reaches it only through its owner."""

    def __init__(self, name: str, log: Path, user: RunUser | None) -> None:
        self.name = name
        self.log = log
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise EmbeddedProblem(f"{self.name} is not running.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, command: Sequence[str]) -> None:
        if self.is_running:
            raise EmbeddedProblem(f"{self.name} is running already.")
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                env=bare_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                **(self._user.popen_arguments if self._user else {}),
            )

    def stop(self, with_signal: signal.Signals, timeout_seconds: float = 30) -> None:
        """Waits for the end; a process that does not come to it in time is killed."""
        if self._process is None:
            return
        if self.is_running:
            self._process.send_signal(with_signal)
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def last_lines(self) -> str:
        return last_lines(self.log)


def bare_environment() -> dict[str, str]:
    """What a server needs from the environment, and none of the caller's secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}


def last_lines(log: Path, count: int = 5) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""


def failure(what: str, log: Path) -> EmbeddedProblem:
    """What to raise for a program that left its reason in a log: one line for a full disk, else the last few."""
    lines = last_lines(log)
    return full_disk(what, lines) or EmbeddedProblem(f"{what}; see {log}:\n{lines}")


def full_disk(what: str, output: str) -> EmbeddedProblem | None:
    if FULL_DISK not in output:
        return None
    return EmbeddedProblem(f"The disk is full: {what}. Free some space and start again.")
