"""A PostgreSQL cluster of our own on the loopback address, and a server over it that tests and tools control."""

import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import psycopg

from shared.embedded.binaries import programs_for
from shared.embedded.folders import make_folder, require_reachable, socket_folder
from shared.embedded.own_process import OwnProcess, bare_environment, full_disk
from shared.embedded.ports import LOOPBACK, free_port
from shared.embedded.postmaster import remove_stale_postmaster_file
from shared.embedded.problems import EmbeddedProblem, ServerDied
from shared.embedded.run_user import server_user

ADMIN = "postgres"
DATABASE = "postgres"
START_SECONDS = 60.0
StopMode = Literal["smart", "fast", "immediate"]
STOP_SIGNALS: dict[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}

SETTINGS: dict[str, str] = {
    "listen_addresses": LOOPBACK,
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "max_wal_size": "512MB",
    "fsync": "on",
    "jit": "off",
    # A statement is planned for the tables as they were when it was first run, and again when they are analysed: within
    # a minute, by default, of growing from nothing to thousands of rows. Until then the plan walks all of them.
    "autovacuum_naptime": "5s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "password_encryption": "scram-sha-256",
    # A failing statement and an error's detail ("Key (email)=(...) already exists") hold personal data; a log must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] %u@%d ",
}


class PostgresCluster:
    """The files of a cluster and how to run it; who runs it (a test, a supervisor) is not its concern.

    `folder` gets `postgres/` (the data) and `postgres.conf`. The password is the superuser's, set when the cluster is
    made and needed again whenever it is used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        password: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "postgres"
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(24)
        self.user = server_user(self.data)
        self._settings = SETTINGS | dict(settings or {})

    @property
    def url(self) -> str:
        """The superuser's address of the first database: for provisioning, never for a service."""
        return self.database_url(DATABASE)

    def database_url(self, database: str) -> str:
        return f"postgresql://{ADMIN}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def command(self) -> list[str]:
        return [
            str(self.programs_folder / "postgres"),
            "-D",
            str(self.data),
            "-p",
            str(self.port),
            "-c",
            f"config_file={self._configuration}",
        ]

    @property
    def programs_folder(self) -> Path:
        return programs_for(self.user).postgres_folder

    @property
    def _configuration(self) -> Path:
        return self.folder / "postgres.conf"

    def prepare(self) -> None:
        """Makes the cluster if there is none yet, and writes its settings."""
        make_folder(self.folder)
        require_reachable(self.folder, self.user)
        sockets = socket_folder(self.folder, f".s.PGSQL.{self.port}.lock", self.user)
        lines = [f"{name} = '{value}'" for name, value in self._settings.items()]
        lines.append(f"unix_socket_directories = '{sockets}'")
        self._configuration.write_text("\n".join(lines) + "\n")
        self._configuration.chmod(0o644)
        if (self.data / "PG_VERSION").exists():
            remove_stale_postmaster_file(self.data)
        else:
            self._make_data()

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedProblem(
                    f"The database in {self.data} has another password than the one kept beside it: "
                    "restore its secrets file, or remove the data folder to begin again."
                ) from None
            return False

    def _make_data(self) -> None:
        """Made beside and then renamed, so that a power cut leaves either a whole cluster or none."""
        unfinished = self.folder / "postgres.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = unfinished / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        new = unfinished / "data"
        if self.user:
            self.user.own(unfinished)
            self.user.own(password_file)
        command = [
            *(str(self.programs_folder / "initdb"), "-D", str(new), "-U", ADMIN, f"--pwfile={password_file}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"),
            # The wheel has no ICU; the built-in provider sorts alike on every machine and after every upgrade.
            *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        made = subprocess.run(
            command,
            cwd="/",
            env=bare_environment(),
            capture_output=True,
            text=True,
            check=False,
            **(self.user.popen_arguments if self.user else {}),
        )
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            what = f"PostgreSQL could not make its data in {self.data}"
            raise full_disk(what, made.stderr) or EmbeddedProblem(f"{what}: {_reason(made.stderr)}")
        new.rename(self.data)
        shutil.rmtree(unfinished)


class PostgresServer(PostgresCluster):
    """A cluster that this process starts and stops; `with PostgresServer(folder) as server:` does both."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        password: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(folder, port=port, password=password, settings=settings)
        self.process = OwnProcess("postgres", folder / "postgres.log", self.user)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the server takes connections, recovery after a crash included.

        Raises ServerDied when it ends instead, and EmbeddedProblem when it takes longer than START_SECONDS.
        """
        self.prepare()
        self.process.start(self.command)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop("immediate")
            raise

    def stop(self, mode: StopMode = "fast") -> None:
        self.process.stop(STOP_SIGNALS[mode])

    def restart(self, mode: StopMode = "fast") -> None:
        """`fast` ends sessions and writes a checkpoint; `immediate` is a crash, followed by recovery."""
        self.stop(mode)
        self.start()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if not self.process.is_running:
                raise ServerDied(f"PostgreSQL ended while starting:\n{self.process.last_lines()}")
            if time.monotonic() > deadline:
                raise EmbeddedProblem(f"PostgreSQL did not start in {START_SECONDS:.0f} s; see {self.process.log}.")
            time.sleep(0.05)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if "error" in line.lower()] or output.splitlines() or ["no reason"]
    return lines[0].removeprefix("initdb: ")
