"""A Redis of our own on the loopback address, which keeps nothing on disk: what must not be lost is in PostgreSQL."""

import secrets
import signal
import time
from pathlib import Path
from typing import Self

import redis

from shared.embedded.binaries import programs_for
from shared.embedded.folders import make_folder, require_reachable
from shared.embedded.own_process import OwnProcess
from shared.embedded.ports import LOOPBACK, free_port
from shared.embedded.problems import EmbeddedProblem, ServerDied
from shared.embedded.run_user import server_user

START_SECONDS = 20.0


class RedisInstance:
    """The configuration of a Redis and how to run it. `folder` gets `redis/` and `redis.conf`."""

    def __init__(self, folder: Path, *, port: int | None = None, password: str | None = None) -> None:
        self.folder = folder
        self.data = folder / "redis"
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(24)
        self.user = server_user(self.data)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def command(self) -> list[str]:
        return [str(programs_for(self.user).redis_server), str(self._configuration)]

    @property
    def _configuration(self) -> Path:
        return self.folder / "redis.conf"

    def prepare(self) -> None:
        make_folder(self.folder)
        require_reachable(self.folder, self.user)
        self.data.mkdir(mode=0o700, exist_ok=True)
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": self.password,
            "dir": f'"{self.data}"',
            "save": '""',
            "appendonly": "no",
            # A full queue must refuse, not forget: a refused job is sent again from the outbox.
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",
            # Renaming the process would overwrite the environment by which `make stop` knows it.
            "set-proc-title": "no",
        }
        self._configuration.unlink(missing_ok=True)
        self._configuration.touch(mode=0o600)
        self._configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        if self.user:
            self.user.own(self.data)
            self.user.own(self._configuration)

    def is_ready(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.AuthenticationError:
                raise EmbeddedProblem(f"Another Redis listens on port {self.port}.") from None
            except redis.ConnectionError:
                return False

    def empty(self) -> None:
        """Forgets every queue and job at once, as a lost Redis does."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


class RedisServer(RedisInstance):
    """A Redis that this process starts and stops; `with RedisServer(folder) as server:` does both."""

    def __init__(self, folder: Path, *, port: int | None = None, password: str | None = None) -> None:
        super().__init__(folder, port=port, password=password)
        self.process = OwnProcess("redis", folder / "redis.log", self.user)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the server answers; empty, whatever it held before.

        Raises ServerDied when it ends instead, and EmbeddedProblem when it takes longer than START_SECONDS.
        """
        self.prepare()
        self.process.start(self.command)
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        self.process.stop(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: everything queued is gone, as after a power cut."""
        self.process.stop(signal.SIGKILL)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if not self.process.is_running:
                raise ServerDied(f"Redis ended while starting:\n{self.process.last_lines()}")
            if time.monotonic() > deadline:
                raise EmbeddedProblem(f"Redis did not start in {START_SECONDS:.0f} s; see {self.process.log}.")
            time.sleep(0.02)
