"""A whole instance of the system over one data folder: servers, set-up steps and the nine service processes.

`make run` keeps one under the checkout; tests and demonstrations make their own:

    with private_stack() as stack:
        httpx.get(f"{stack.base_url('ats')}/readyz")
        stack.kill("clearing-worker")
"""

import http
import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from shared.embedded import setup_steps
from shared.embedded.environment import (
    Addresses,
    Ports,
    instance_environment,
    supervisor_environment,
    without_ours,
)
from shared.embedded.folders import make_folder, require_space, throwaway_folder
from shared.embedded.leftovers import end_leftovers
from shared.embedded.own_process import failure
from shared.embedded.ports import LOOPBACK
from shared.embedded.postgres import PostgresCluster
from shared.embedded.problems import EmbeddedProblem
from shared.embedded.programs import (
    SERVICE_PROCESSES,
    leash_program,
    mail_program,
    postgres_program,
    redis_program,
    service_programs,
)
from shared.embedded.redis_server import RedisInstance
from shared.embedded.secrets_file import kept_secrets
from shared.embedded.supervisor import ProcessState, Program, Supervisor
from shared.provision import ProvisioningRefused, provision, refuse_roles_of_others, services_to_provision

# Long enough for a machine that does much else; a process that cannot stay up is told sooner.
READY_SECONDS = 180.0
# A process may fail once or twice while something it needs is still starting; for longer it will not recover.
FAILING_SECONDS = 8.0
LONGEST_ANSWER_BYTES = 2000
Report = Callable[[str], None]


def silent(_progress: str) -> None:
    """For callers who do not show progress."""


class Stack:
    """Processes are named `postgres`, `redis`, `mail`, and `<service>-api`, `-worker`, `-relay`."""

    def __init__(self, folder: Path, *, ports: Ports | None = None, outer: Mapping[str, str] | None = None) -> None:
        """`outer` is the environment to build on, this process's own by default: servers that it names are used."""
        self.folder = make_folder(folder.resolve())
        self.ports = ports or Ports.free()
        self.outer = dict(os.environ if outer is None else outer)
        self.supervisor = Supervisor(self.folder)
        self.credentials: dict[str, Any] = {}
        secrets = kept_secrets(self.folder)
        self._given = secrets | self.outer
        self.postgres, self.redis = self._own_servers(secrets)
        self.environment = instance_environment(self.folder, secrets, self.ports, self._addresses(), self.outer)
        """For set-up and tools; a service process gets a part of it (`service_environment`)."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def mail_folder(self) -> Path:
        """Where the mail catcher puts one `.eml` file a message; unused where SMTP_URL names another server."""
        return self.folder / "mail"

    def base_url(self, service: str) -> str:
        return self.ports.base_url(service)

    def start(self, report: Report = silent, *, demonstration: bool = True, tied_to: int | None = None) -> None:
        """Returns when every process is ready. `tied_to`: the pid of a process whose end also ends the instance.

        Raises EmbeddedProblem with one line that says what is wrong; nothing is left running then.
        """
        require_space(self.folder)
        try:
            self._start_servers(report, tied_to)
            self._set_up(report, demonstration=demonstration)
            self._start_services(report)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends every process of this instance, its supervisor last, and nothing else."""
        stop_instance(self.folder)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def wait(self, seconds: float) -> bool:
        """Whether the instance was ended from elsewhere within that time; for its owner to sleep on."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def processes(self) -> list[ProcessState]:
        return self.supervisor.processes()

    def kill(self, name: str) -> int:
        """SIGKILL; the supervisor starts the process again by itself. Returns the pid that ended."""
        return self.supervisor.kill_process(name)

    def stop_process(self, name: str) -> None:
        """Stays down until `start_process`. Redis is killed, as it has nothing to save."""
        self.supervisor.stop_process(name)

    def start_process(self, name: str) -> None:
        """Returns when the process is ready."""
        self.supervisor.start_process(name)
        self.wait_until_ready(name)

    def restart(self, name: str) -> None:
        self.stop_process(name)
        self.start_process(name)

    def wait_until_ready(self, name: str) -> None:
        """An API is ready when it says so, a server when it answers, a worker or relay when it has stayed up.

        Raises EmbeddedProblem after READY_SECONDS, or sooner where the process cannot stay up.
        """
        started = time.monotonic()
        stayed_up_at = started
        while not self._is_ready(name):
            now = time.monotonic()
            if self.supervisor.process(name).is_running:
                stayed_up_at = now
            if now - started > READY_SECONDS or now - stayed_up_at > FAILING_SECONDS:
                raise failure(
                    f"{name} did not become ready{self._said(name)}", self.supervisor.log_folder / f"{name}.log"
                )
            time.sleep(0.1)

    def _own_servers(self, secrets: Mapping[str, str]) -> tuple[PostgresCluster | None, RedisInstance | None]:
        """None for a server that the caller's environment names instead."""
        postgres = redis = None
        if not self.outer.get("DATABASE_URL") and services_to_provision(self.outer):
            password = secrets["POSTGRES_PASSWORD"]
            postgres = PostgresCluster(self.folder, port=self.ports.postgres, password=password)
        if not self.outer.get("REDIS_URL"):
            redis = RedisInstance(self.folder, port=self.ports.redis, password=secrets["REDIS_PASSWORD"])
        return postgres, redis

    def _addresses(self) -> Addresses:
        return Addresses(
            admin_url=self.postgres.url if self.postgres else self.outer.get("DATABASE_URL"),
            redis_url=self.redis.url if self.redis else self.outer["REDIS_URL"],
            smtp_url=self.outer.get("SMTP_URL") or f"smtp://{LOOPBACK}:{self.ports.smtp}",
        )

    def _start_servers(self, report: Report, tied_to: int | None) -> None:
        servers: list[Program] = []
        if self.postgres:
            self.postgres.prepare()
            servers.append(postgres_program(self.postgres))
        if self.redis:
            self.redis.prepare()
            servers.append(redis_program(self.redis))
        if not self.outer.get("SMTP_URL"):
            servers.append(mail_program(self.mail_folder, self.ports.smtp))
        own = [program.name for program in servers]
        leash = [leash_program(tied_to)] if tied_to is not None else []
        report(f"Starting {', '.join(own) or 'no server of our own'}")
        self._process = self.supervisor.start(
            [*servers, *service_programs(self.environment), *leash], supervisor_environment(self.folder, self.outer)
        )
        for name in own:
            self.wait_until_ready(name)

    def _set_up(self, report: Report, *, demonstration: bool) -> None:
        logs = self.supervisor.log_folder
        if admin_url := self.environment.get("DATABASE_URL"):
            report("Provisioning roles and schemas")
            try:
                if self.postgres is None:
                    refuse_roles_of_others(admin_url, self._given)
                provision(admin_url, self._given)
            except (ProvisioningRefused, psycopg.Error) as error:
                raise EmbeddedProblem(f"Provisioning failed: {str(error).strip().splitlines()[0]}") from None
        report("Migrating")
        setup_steps.migrate(logs, self.environment)
        report("Loading the region")
        setup_steps.seed(logs, self.environment)
        if demonstration:
            report("Loading the demonstration data")
            printed = setup_steps.load_demonstration(logs, self.environment)
            self.credentials = setup_steps.keep_credentials(self.folder, printed)

    def _start_services(self, report: Report) -> None:
        report("Starting three APIs, three workers and three relays")
        for name in SERVICE_PROCESSES:
            self.supervisor.start_process(name)
        for name in SERVICE_PROCESSES:
            self.wait_until_ready(name)
        report("Ready")

    def _said(self, name: str) -> str:
        service, _, kind = name.partition("-")
        return f": {_readiness(service, self.ports.apis[service])[1]}" if kind == "api" else ""

    def _is_ready(self, name: str) -> bool:
        if name == "postgres" and self.postgres:
            return self.postgres.is_ready()
        if name == "redis" and self.redis:
            return self.redis.is_ready()
        if not self.supervisor.process(name).is_running:
            return False
        service, _, kind = name.partition("-")
        return kind != "api" or _readiness(service, self.ports.apis[service])[0]


@contextmanager
def private_stack(
    *, demonstration: bool = True, overrides: Mapping[str, str] | None = None, report: Report = silent
) -> Generator[Stack]:
    """A whole instance on free ports over a new folder, both gone at the end, even where this process is killed.

    Its servers are its own, whatever the caller's environment names: it moves clocks, empties queues and kills.
    `overrides` are further variables for every service process.
    """
    with throwaway_folder() as folder:
        stack = Stack(folder, outer=without_ours(os.environ) | dict(overrides or {}))
        stack.start(report, demonstration=demonstration, tied_to=os.getpid())
        try:
            yield stack
        finally:
            stack.stop()


def stop_instance(folder: Path) -> bool:
    """Stops what runs over that data folder, whoever started it. False where nothing did."""
    supervisor = Supervisor(folder)
    was_running = supervisor.is_running()
    supervisor.shutdown()
    return bool(end_leftovers(folder)) or was_running


def _readiness(service: str, port: int) -> tuple[bool, str]:
    """Whether the API there is that service's and can work, and what it says about it."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read(LONGEST_ANSWER_BYTES).decode(errors="replace")
        return answer.status == http.HTTPStatus.OK and json.loads(said).get("service") == service, said
    except (OSError, http.client.HTTPException):
        return False, "it does not answer"
    except (ValueError, AttributeError):
        return False, f"another program answers on port {port}"
    finally:
        connection.close()
