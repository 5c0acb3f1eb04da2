"""From an empty database to one with tables, the region's data and a demonstration: each step may be repeated."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from shared.embedded.folders import CHECKOUT, make_folder
from shared.embedded.own_process import failure
from shared.embedded.problems import EmbeddedProblem
from shared.provision import SERVICES

CREDENTIALS_FILE = "credentials.json"
STEP_SECONDS = 300.0
Commands = dict[str, list[str]]


def migrate(log_folder: Path, environment: Mapping[str, str]) -> None:
    _run_side_by_side("migrate", _alembic("upgrade", "head"), log_folder, environment)


def check_migrations(log_folder: Path, environment: Mapping[str, str]) -> None:
    """Raises EmbeddedProblem with the differences where models and a migrated database disagree."""
    _run_side_by_side("alembic check", _alembic("check"), log_folder, environment)


def seed(log_folder: Path, environment: Mapping[str, str]) -> None:
    """Employers, pay spine, bands and the other facts of the region that every service needs to start with."""
    _run_side_by_side("seed", _modules("seed"), log_folder, environment)


def load_demonstration(log_folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The demonstration data set; returns, by service, the credentials it printed (nothing where it was there)."""
    with tempfile.TemporaryDirectory() as private:
        # What is printed may hold a password, and is kept in one place only: not in a log.
        outputs = {service: Path(private) / service for service in SERVICES}
        _run_side_by_side("demonstration", _modules("demonstration"), log_folder, environment, outputs)
        printed = {service: _printed_object(output) for service, output in outputs.items()}
    return {service: credentials for service, credentials in printed.items() if credentials}


def keep_credentials(folder: Path, new: Mapping[str, Any]) -> dict[str, Any]:
    """Adds to what earlier starts printed: a secret is shown by the service once, when it is made."""
    file = folder / CREDENTIALS_FILE
    kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for service, credentials in new.items():
        kept[service] = kept.get(service, {}) | credentials
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    unfinished.replace(file)
    return kept


def _alembic(*arguments: str) -> Commands:
    return {
        service: ["-m", "alembic", "-c", "migrations/alembic.ini", "-n", service, *arguments] for service in SERVICES
    }


def _modules(name: str) -> Commands:
    found = {service: f"services.{service}.{name}" for service in SERVICES}
    return {service: ["-m", module] for service, module in found.items() if find_spec(module)}


def _run_side_by_side(
    step: str,
    commands: Commands,
    log_folder: Path,
    environment: Mapping[str, str],
    outputs: Mapping[str, Path] | None = None,
) -> None:
    """The services share no table, so their steps need not wait for each other. `outputs`: where else to print to."""
    make_folder(log_folder)
    running: dict[str, subprocess.Popen[bytes]] = {}
    logs = {service: log_folder / f"{step.replace(' ', '-')}-{service}.log" for service in commands}
    try:
        for service, arguments in commands.items():
            running[service] = _start(arguments, logs[service], environment, outputs[service] if outputs else None)
        deadline = time.monotonic() + STEP_SECONDS
        for service, process in running.items():
            _wait(process, f"{step} of {service}", logs[service], deadline)
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
                process.wait()


def _start(
    arguments: list[str], log: Path, environment: Mapping[str, str], output: Path | None
) -> subprocess.Popen[bytes]:
    with log.open("wb") as errors, (output or Path(os.devnull)).open("wb") as printed:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=printed if output else errors,
            stderr=errors,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], what: str, log: Path, deadline: float) -> None:
    try:
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise EmbeddedProblem(f"The {what} took longer than {STEP_SECONDS:.0f} s; see {log}.") from None
    if code != 0:
        raise failure(f"The {what} failed", log)


def _printed_object(file: Path) -> dict[str, Any]:
    """The JSON object among what a module printed, if any."""
    output = file.read_text() if file.exists() else ""
    start = output.find("{")
    return json.JSONDecoder().raw_decode(output[start:])[0] if start >= 0 else {}
