"""Where an embedded instance keeps its files, so that the servers' user can reach them and no parent's mode changes."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from shared.embedded.problems import EmbeddedProblem
from shared.embedded.run_user import RunUser, server_user

CHECKOUT = Path(__file__).resolve().parents[2]
SYSTEM_FOLDER = Path("/var/lib/wme")
# A UNIX socket's whole path must fit in 107 bytes and a closing zero.
LONGEST_SOCKET_PATH = 107
# An empty cluster takes about 45 MB and 64 MB of write-ahead log; the rest is room for the demonstration and its logs.
SPACE_NEEDED_BYTES = 300 * 1024 * 1024


def short_name(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def data_folder(checkout: Path = CHECKOUT) -> Path:
    """`WME_VAR`, else `var/` in the checkout, else (as root, where the servers' user may not enter) a system folder."""
    if chosen := os.environ.get("WME_VAR"):
        return Path(chosen).resolve()
    user = server_user()
    if user is None or user.may_enter(checkout):
        return checkout / "var"
    return system_folder(checkout)


def system_folder(checkout: Path = CHECKOUT) -> Path:
    """Named after the checkout, so that several checkouts on one machine do not share their data."""
    return SYSTEM_FOLDER / short_name(checkout)


def make_folder(folder: Path, mode: int = 0o755) -> Path:
    """Only a folder made here gets a mode; one that exists, parents above all, is left as it is."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(mode if path == folder else 0o755)
    return folder


def require_reachable(folder: Path, user: RunUser | None) -> None:
    if user is not None and not user.may_enter(folder):
        raise EmbeddedProblem(
            f"{folder} cannot be entered by the user {user.name}, which runs the servers for root: "
            "choose another data folder with WME_VAR."
        )


def require_space(folder: Path, needed_bytes: int = SPACE_NEEDED_BYTES) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise EmbeddedProblem(
            f"The disk is full: {free // 2**20} MB free for {folder}, and {needed_bytes // 2**20} MB are needed. "
            "Free some, or choose another data folder with WME_VAR."
        )


def socket_folder(data: Path, longest_name: str, user: RunUser | None = None) -> Path:
    """Beside the data where the path is short enough for a socket, else a private folder under /tmp named after it."""
    beside = data / "run"
    if len(os.fsencode(beside / longest_name)) <= LONGEST_SOCKET_PATH:
        folder = make_folder(beside, 0o711)
    else:
        folder = _private_folder(Path("/tmp") / f"wme-{short_name(data)}")  # noqa: S108 - its owner is checked
    if user is None:
        return folder
    own = folder / "servers"
    own.mkdir(mode=0o700, exist_ok=True)
    user.own(own)
    return own


def _private_folder(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o711)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != os.geteuid() or folder.is_symlink():
            raise EmbeddedProblem(
                f"{folder} belongs to someone else: remove it, or choose a shorter WME_VAR."
            ) from None
    return folder


@contextmanager
def throwaway_folder() -> Generator[Path]:
    """A new folder that the servers' user can enter, removed at the end with all it holds."""
    folder = Path(tempfile.mkdtemp(prefix="wme-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def what_stops(error: OSError) -> str | None:
    """In one line, what is wrong with a folder for data; None for an error that is not the folder's."""
    where = error.filename or "The data folder"
    reasons = {
        errno.EACCES: f"{where} belongs to another user: start as that user, or choose another folder with WME_VAR.",
        errno.EROFS: f"{where} cannot be written, its file system is read-only: choose another folder with WME_VAR.",
        errno.ENOTDIR: f"{where} cannot be made, a part of its path is a file: choose another folder with WME_VAR.",
    }
    reasons[errno.EPERM] = reasons[errno.EACCES]
    if is_full_disk(error):
        return "The disk is full: free some space, or choose another data folder with WME_VAR."
    return reasons.get(error.errno or 0)


def is_full_disk(error: OSError) -> bool:
    return error.errno in {errno.ENOSPC, errno.EDQUOT}
