"""The system as `make run` starts it from this checkout, for tests that need all of it; its data is thrown away."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from shared.embedded.binaries import programs_for
from shared.embedded.ports import LOOPBACK, free_port
from shared.embedded.run_user import server_user
from shared.provision import SERVICES
from tests.shared.tiny_system import Foreground, eventually

ROOT = Path(__file__).parents[1]
# Much else may go on beside it.
START_SECONDS = 400.0


class WholeSystem:
    """With the demonstration data. Whatever it started has ended when the `with` block has."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "var"
        self.ports = {service: free_port() for service in SERVICES}
        self.terminals: list[Foreground] = []
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {f"{service.upper()}_PORT": str(port) for service, port in self.ports.items()}
        own |= {f"{part}_PORT": str(free_port()) for part in ("POSTGRES", "REDIS", "SMTP")}
        self._environment = kept | own | {"WME_VAR": str(self.data)}
        self._folder = folder
        self.modes_before = folder_modes(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.make("stop")
        for terminal in self.terminals:
            terminal.process.kill()
            terminal.process.wait()

    def run(self) -> Foreground:
        """`make run` in a terminal; returns once it says that it is up."""
        terminal = Foreground(ROOT, ["make", "--no-print-directory", "run"], self._environment, self._folder)
        self.terminals.append(terminal)
        if not eventually(lambda: "Up in " in terminal.printed() or terminal.process.poll() is not None, START_SECONDS):
            raise AssertionError(terminal.printed())
        assert "Up in " in terminal.printed(), terminal.printed()
        return terminal

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.call("make", "--no-print-directory", *arguments)

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def base_url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[service]}"

    @property
    def credentials(self) -> dict[str, Any]:
        """What `make run` printed and keeps."""
        return json.loads((self.data / "credentials.json").read_text())

    @property
    def administrator(self) -> tuple[str, str]:
        """E-mail and password of one who may do everything."""
        shown = self.credentials["ats"]
        return next(email for email, roles in shown["staff"].items() if "wme_admin" in roles), shown["password"]

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """For set-up and tools, as `python -m shared.embedded env` exports it."""
        exported = self.call(".venv/bin/python", "-m", "shared.embedded", "env").stdout
        words = (shlex.split(line)[1] for line in exported.splitlines())
        return self._environment | dict(word.split("=", 1) for word in words)


def folder_modes(data: Path) -> dict[Path, tuple[int, int]]:
    """Mode and owner of every folder above the data and above the servers' programs."""
    programs = programs_for(server_user())
    above = {*data.parents, *programs.postgres_folder.parents, *programs.redis_server.parents}
    return {folder: (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) for folder in above}
