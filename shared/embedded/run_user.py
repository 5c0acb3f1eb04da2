"""Which user the servers run as: whoever starts them, except that root lends them an existing unprivileged user."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from shared.embedded.problems import EmbeddedProblem

# PostgreSQL refuses to run as root. Both names are in every Debian; nothing is ever added to the system.
UNPRIVILEGED_USERS = ("postgres", "nobody")


class PopenUser(TypedDict, total=False):
    """The arguments by which `subprocess` changes user, empty where nothing changes."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class RunUser:
    name: str
    uid: int
    gid: int

    @property
    def popen_arguments(self) -> PopenUser:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_enter(self, folder: Path) -> bool:
        """Asked of the kernel rather than worked out from modes, so that access lists and mount options count too."""
        probe = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1" 2>/dev/null', "sh", str(folder)],
            cwd="/",
            check=False,
            **self.popen_arguments,
        )
        return probe.returncode == 0

    def may_execute(self, program: Path) -> bool:
        try:
            probe = subprocess.run(
                [program, "--version"], cwd="/", capture_output=True, check=False, **self.popen_arguments
            )
        except PermissionError:
            return False
        return probe.returncode == 0


def server_user(data: Path | None = None) -> RunUser | None:
    """None where the caller is not root: servers then run as the caller.

    Data that an ordinary user made earlier keeps its owner, so starting once as root does not lock that user out.
    """
    if os.geteuid() != 0:
        return None
    if data is not None and data.exists() and (owner := data.stat().st_uid) != 0:
        return _from_entry(pwd.getpwuid(owner))
    for name in UNPRIVILEGED_USERS:
        try:
            return _from_entry(pwd.getpwnam(name))
        except KeyError:
            continue
    raise EmbeddedProblem(
        f"PostgreSQL cannot run as root, and none of the users {', '.join(UNPRIVILEGED_USERS)} exists here: "
        "start as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def _from_entry(entry: pwd.struct_passwd) -> RunUser:
    return RunUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
