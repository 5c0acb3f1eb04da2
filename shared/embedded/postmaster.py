"""The PostgreSQL server over a data folder, found by the file in which it notes its process."""

from pathlib import Path

import psutil


def find_postmaster(data: Path) -> psutil.Process | None:
    """A live server that works in `data`; the number alone proves nothing after a crash or a power cut."""
    try:
        number = int((data / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(number)
        return process if Path(process.cwd()) == data.resolve() else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def remove_stale_postmaster_file(data: Path) -> None:
    """Where another process has the noted number by now, PostgreSQL would refuse to start while that one lives."""
    file = data / "postmaster.pid"
    if file.exists() and find_postmaster(data) is None:
        file.unlink(missing_ok=True)
