"""The supervisor that owns every process of an instance and starts again whatever dies."""

import http.client
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from shared.embedded.endings import wait_until_ended
from shared.embedded.folders import CHECKOUT, make_folder, socket_folder
from shared.embedded.own_process import last_lines
from shared.embedded.problems import EmbeddedProblem

START_SECONDS = 20.0
SHUTDOWN_SECONDS = 60.0
SOCKET = "supervisor.sock"
# Servers have a lower one.
CLIENT_PRIORITY = 100
LOG_BYTES = "10MB"
LOG_BACKUPS = 3
# Never give up: a worker that cannot live without its database must come back when the database does.
START_RETRIES = 1_000_000


@dataclass(frozen=True)
class Program:
    """One supervised process. Lower priority starts earlier and stops later; `user` is for root only."""

    name: str
    command: Sequence[str]
    priority: int = CLIENT_PRIORITY
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = CHECKOUT
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 15
    starts_at_once: bool = False


@dataclass(frozen=True)
class ProcessState:
    name: str
    state: str
    pid: int
    started_at: int

    @property
    def is_running(self) -> bool:
        return self.state == "RUNNING"


class Supervisor:
    """Controls the supervisor of one data folder, whether this process started it or an earlier one did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_folder = folder / "log"
        self.socket = socket_folder(folder, f"{SOCKET}.{2**22}") / SOCKET

    def start(self, programs: Sequence[Program], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Starts it in a session of its own, so that Ctrl-C reaches it only through its owner.

        Raises EmbeddedProblem where it does not answer within START_SECONDS.
        """
        make_folder(self.log_folder)
        configuration = self.folder / "supervisord.conf"
        configuration.unlink(missing_ok=True)
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration(programs))
        errors = self.log_folder / "supervisord.err"
        with errors.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
                cwd=CHECKOUT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise EmbeddedProblem(f"The supervisor did not start: {last_lines(errors, 1)}")
            time.sleep(0.05)
        return process

    def is_running(self) -> bool:
        try:
            return isinstance(self._call("getPID"), int)
        except (OSError, http.client.HTTPException):
            return False

    @property
    def pid(self) -> int:
        return self._call("getPID")

    def shutdown(self) -> None:
        """Stops every process, last started first, and returns when the supervisor itself has ended."""
        try:
            own = psutil.Process(self.pid)
            self._stop_in_order()
            self._call("shutdown")
        except (OSError, http.client.HTTPException, Fault, psutil.NoSuchProcess):
            return
        wait_until_ended([own], SHUTDOWN_SECONDS)

    def processes(self) -> list[ProcessState]:
        return [_state(info) for info in self._call("getAllProcessInfo")]

    def process(self, name: str) -> ProcessState:
        return _state(self._call("getProcessInfo", name))

    def start_process(self, name: str) -> None:
        """Returns at once; `process(name)` tells when it is up."""
        self._call_unless(Faults.ALREADY_STARTED, "startProcess", name, False)

    def stop_process(self, name: str) -> None:
        """Stays down until started again."""
        self._call_unless(Faults.NOT_RUNNING, "stopProcess", name)

    def kill_process(self, name: str) -> int:
        """SIGKILL, as a crash or a lack of memory would; it is started again by itself. Returns the pid that ended."""
        pid = self.process(name).pid
        if pid == 0:
            raise EmbeddedProblem(f"{name} is not running.")
        os.kill(pid, signal.SIGKILL)
        return pid

    def _stop_in_order(self) -> None:
        """Left to itself, the supervisor ends one process a second; only servers need wait for those that use them."""
        priorities = {each["name"]: each["process_prio"] for each in self._call("getAllConfigInfo")}
        clients = {name for name, priority in priorities.items() if priority >= CLIENT_PRIORITY}
        for names in (clients, priorities.keys() - clients):
            for name in names:
                self._call_unless(Faults.NOT_RUNNING, "stopProcess", name, False)
            deadline = time.monotonic() + SHUTDOWN_SECONDS
            while any(each.pid for each in self.processes() if each.name in names) and time.monotonic() < deadline:
                time.sleep(0.05)

    def _call_unless(self, accepted: int, method: str, *arguments: object) -> None:
        try:
            self._call(method, *arguments)
        except Fault as fault:
            if fault.faultCode != accepted:
                raise

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        try:
            proxy = ServerProxy("http://supervisor", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()

    def _configuration(self, programs: Sequence[Program]) -> str:
        sections: dict[str, dict[str, str]] = {
            "unix_http_server": {"file": str(self.socket), "chmod": "0700"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            "supervisord": {
                "logfile": str(self.log_folder / "supervisord.log"),
                "logfile_maxbytes": LOG_BYTES,
                "logfile_backups": str(LOG_BACKUPS),
                "pidfile": str(self.folder / "supervisord.pid"),
                "silent": "true",
            },
        }
        if os.geteuid() == 0:
            sections["supervisord"]["user"] = "root"
        for program in programs:
            sections[f"program:{program.name}"] = self._program_section(program)
        return "\n".join(
            f"[{name}]\n" + "".join(f"{key}={_escaped(value)}\n" for key, value in section.items())
            for name, section in sections.items()
        )

    def _program_section(self, program: Program) -> dict[str, str]:
        section = {
            "command": shlex.join(program.command),
            "directory": str(program.directory),
            "environment": ",".join(f"{name}={_quoted(name, value)}" for name, value in program.environment.items()),
            "priority": str(program.priority),
            "autostart": str(program.starts_at_once).lower(),
            "autorestart": "true",
            "startsecs": "1",
            "startretries": str(START_RETRIES),
            "stopsignal": program.stop_signal,
            "stopwaitsecs": str(program.stop_seconds),
            "stdout_logfile": str(self.log_folder / f"{program.name}.log"),
            "stdout_logfile_maxbytes": LOG_BYTES,
            "stdout_logfile_backups": str(LOG_BACKUPS),
            "redirect_stderr": "true",
        }
        if program.user:
            section["user"] = program.user
            section["umask"] = "077"
        return section


def _state(info: dict[str, Any]) -> ProcessState:
    return ProcessState(name=info["name"], state=info["statename"], pid=info["pid"], started_at=info["start"])


def _escaped(value: str) -> str:
    return value.replace("%", "%%")


def _quoted(name: str, value: str) -> str:
    """Raises EmbeddedProblem for what the supervisor's configuration cannot say."""
    for quote in ('"', "'"):
        if quote not in value and "\n" not in value:
            return f"{quote}{value}{quote}"
    raise EmbeddedProblem(f"{name} may not contain a line break, or both kinds of quotation mark.")
