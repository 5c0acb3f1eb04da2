"""`make run` and its companions: `python -m shared.embedded run [--background] | stop | status | env`."""

import argparse
import json
import os
import shlex
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from shared.embedded.environment import Ports, without_ours
from shared.embedded.folders import data_folder, make_folder, require_space, what_stops
from shared.embedded.instance_lock import RUNTIME_FILE, only_copy
from shared.embedded.problems import EmbeddedProblem
from shared.embedded.stack import Stack, stop_instance
from shared.embedded.supervisor import ProcessState, Supervisor
from shared.provision import SERVICES

LOOK_EVERY_SECONDS = 2.0
NOT_RUNNING = 3
# All set by name: a shell that starts this in the background has Ctrl-C ignored.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(folder: Path, *, background: bool) -> int:
    make_folder(folder)
    require_space(folder)
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    with only_copy(folder):
        started = time.monotonic()
        stack = Stack(folder, ports=Ports.promised())
        try:
            _note_runtime(stack, background=background)
            stack.start(say)
            _show(stack, time.monotonic() - started)
            if not background:
                _watch(stack)
        except KeyboardInterrupt:
            _ignore_further_interrupts()
            say("\nStopping")
            stack.stop()
            say("Stopped; the data is kept.")
    return 0


def stop(folder: Path) -> int:
    say("Stopped; the data is kept." if folder.exists() and stop_instance(folder) else "Nothing is running.")
    return 0


def status(folder: Path) -> int:
    if not folder.exists() or not (supervisor := Supervisor(folder)).is_running():
        say("Nothing is running.")
        return NOT_RUNNING
    for process in supervisor.processes():
        since = datetime.fromtimestamp(process.started_at, UTC).isoformat() if process.pid else "-"
        say(f"{process.name:22} {process.state:10} {process.pid or '-':>8} {since}")
    return 0


def env(folder: Path) -> int:
    """The running instance's environment, for `eval "$(python -m shared.embedded env)"`; it holds secrets."""
    if not folder.exists() or not Supervisor(folder).is_running():
        sys.stderr.write("Nothing is running.\n")
        return NOT_RUNNING
    noted = json.loads((folder / RUNTIME_FILE).read_text())
    stack = Stack(folder, ports=Ports(**noted["ports"]), outer=without_ours(os.environ) | noted["named"])
    changed = {name: value for name, value in stack.environment.items() if os.environ.get(name) != value}
    for name, value in sorted(changed.items()):
        say(f"export {name}={shlex.quote(value)}")
    return 0


def _watch(stack: Stack) -> None:
    """Says what was started again, until the instance ends."""
    pids = {process.name: process.pid for process in stack.processes()}
    while not stack.wait(LOOK_EVERY_SECONDS):
        for process in _processes_now(stack):
            if process.is_running and process.pid != pids.get(process.name):
                say(f"{process.name} had died and was started again")
                pids[process.name] = process.pid
    say("Stopped from elsewhere; the data is kept.")


def _processes_now(stack: Stack) -> list[ProcessState]:
    """Empty in the moment in which the supervisor is shutting down."""
    try:
        return stack.processes()
    except OSError:
        return []


def _note_runtime(stack: Stack, *, background: bool) -> None:
    ports = {"apis": stack.ports.apis, "postgres": stack.ports.postgres}
    ports |= {"redis": stack.ports.redis, "smtp": stack.ports.smtp}
    noted = {"background": background, "ports": ports, "started_at": datetime.now(UTC).isoformat()}
    # Servers and secrets that this terminal named, so that `env` of another one finds the same.
    noted["named"] = {name: value for name, value in stack.outer.items() if name not in without_ours(stack.outer)}
    file = stack.folder / RUNTIME_FILE
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(noted, indent=2) + "\n")


def _show(stack: Stack, seconds: float) -> None:
    say(f"\nUp in {seconds:.1f} s. Data, logs and mail: {stack.folder}\n")
    for service in SERVICES:
        say(f"  {service:14} {stack.base_url(service)}   (API manual: {stack.base_url(service)}/docs)")
    say(f"  {'mail page':14} {stack.base_url('notifications')}/dev/mail")
    if stack.credentials:
        say(f"\nDemonstration credentials (also in {stack.folder / 'credentials.json'}):")
        say(json.dumps(stack.credentials, indent=2))
    say("")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ignore_further_interrupts() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.embedded", description=__doc__)
    parser.add_argument("command", choices=("run", "stop", "status", "env"))
    parser.add_argument("--background", action="store_true", help="return once everything is ready")
    arguments = parser.parse_args()
    try:
        folder = data_folder()
        if arguments.command == "run":
            return run(folder, background=arguments.background)
        return {"stop": stop, "status": status, "env": env}[arguments.command](folder)
    except EmbeddedProblem as problem:
        sys.stderr.write(f"{problem}\n")
    except OSError as error:
        said = what_stops(error)
        if said is None:
            raise
        sys.stderr.write(f"{said}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
