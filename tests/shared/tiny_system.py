"""A checkout with the real runtime around the smallest services that keep its promises, for tests of the runtime."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from shared.embedded.folders import CHECKOUT
from shared.embedded.ports import free_port
from shared.provision import SERVICES

START_SECONDS = 60.0

API = """
import http.server, json, os, pathlib, psycopg
with psycopg.connect(os.environ["{SERVICE}_DATABASE_URL"]) as connection:
    connection.execute("INSERT INTO {service}.starts DEFAULT VALUES")
pathlib.Path(os.environ["WME_VAR"], "{service}-environment.json").write_text(json.dumps(dict(os.environ)))
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"service": "{service}"}}).encode())
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["{SERVICE}_PORT"])), Ready).serve_forever()
"""
LASTING = "import time\nwhile True:\n    time.sleep(60)\n"
MIGRATION = """
import os, psycopg
with psycopg.connect(os.environ["{SERVICE}_OWNER_DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS {service}.starts (id int GENERATED ALWAYS AS IDENTITY)")
"""
DEMONSTRATION = """
import json, os
print(json.dumps({"sign_in": {"email": "a@dudley.example", "password": os.environ["DEMO_PASSWORD"]}}))
"""


class TinySystem:
    """`run` starts it as `make run` does; whatever it started has ended when the `with` block has."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.data = self.checkout / "var"
        self.environment = {f"{service.upper()}_PORT": str(free_port()) for service in SERVICES}
        self.environment |= {f"{part}_PORT": str(free_port()) for part in ("POSTGRES", "REDIS", "SMTP")}
        self._runs: list[Foreground] = []
        _write_checkout(self.checkout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.call("stop")
        for run in self._runs:
            run.process.kill()
            run.process.wait()

    def call(self, *arguments: str, changes: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "shared.embedded", *arguments],
            cwd=self.checkout,
            env=self._environment(changes),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def run(self) -> "Foreground":
        """As a terminal would hold it; returns once it says that it is up."""
        return self.script("-m", "shared.embedded", "run", until="Up in ")

    def script(self, *arguments: str, until: str) -> "Foreground":
        run = Foreground(self.checkout, [sys.executable, *arguments], self._environment(None), self.checkout)
        self._runs.append(run)
        if not eventually(lambda: until in run.printed() or run.process.poll() is not None, START_SECONDS):
            raise AssertionError(run.printed())
        return run

    def change(self, path: str, old: str, new: str) -> None:
        """Another constant in this copy: a time limit that nobody wants to sit through."""
        file = self.checkout / path
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    def _environment(self, changes: Mapping[str, str] | None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | self.environment | dict(changes or {})


class Foreground:
    """A command in a terminal of its own, from a shell that ignores Ctrl-C, as one does for what it starts with `&`."""

    def __init__(self, checkout: Path, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """What it prints goes to a file in `folder`."""
        self._output = folder / f"terminal-{secrets.token_hex(4)}"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *command],
                cwd=checkout,
                env=dict(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def printed(self) -> str:
        return self._output.read_text()

    def interrupt(self) -> int:
        """Ctrl-C, which reaches all that the terminal holds; returns the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(START_SECONDS)


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _write_checkout(checkout: Path) -> None:
    shutil.copytree(CHECKOUT / "shared" / "embedded", checkout / "shared" / "embedded")
    for name in ("__init__.py", "provision.py", "vocabulary.py"):
        shutil.copy2(CHECKOUT / "shared" / name, checkout / "shared" / name)
    (checkout / "migrations").mkdir()
    (checkout / "services").mkdir()
    (checkout / "services" / "__init__.py").touch()
    histories = []
    for service in SERVICES:
        names = {"service": service, "SERVICE": service.upper()}
        package = checkout / "services" / service
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "app.py").write_text(API.format_map(names))
        (package / "worker.py").write_text(LASTING)
        (package / "relay.py").write_text(LASTING)
        history = checkout / "migrations" / service
        (history / "versions").mkdir(parents=True)
        (history / "env.py").write_text(MIGRATION.format_map(names))
        histories.append(f"[{service}]\nscript_location = %(here)s/{service}\n")
    (checkout / "services" / "ats" / "demonstration.py").write_text(DEMONSTRATION)
    (checkout / "migrations" / "alembic.ini").write_text("".join(histories))
