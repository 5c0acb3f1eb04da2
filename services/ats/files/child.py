"""The process that examines one file: content in at stdin, a verdict and the copy without metadata out at stdout.

It has no secret in its environment, opens no file for writing, and dies of too much memory or time.
"""

from __future__ import annotations

import json
import resource
import sys

from services.ats.files.examining import examine, without_metadata
from services.ats.files.kinds import ContentRefused, Fault

CPU_SECONDS = 15


def main() -> None:
    memory_bytes = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        kind = examine(content)
        copy = without_metadata(content, kind)
    except ContentRefused as refused:
        _answer({"fault": refused.fault})
    except (MemoryError, RecursionError):
        _answer({"fault": Fault.NOT_READABLE})
    else:
        _answer({"kind": kind}, copy)


def _answer(verdict: dict[str, str], copy: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + copy)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
