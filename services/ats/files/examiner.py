"""Has files examined in processes of their own, a few at a time."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.ats.files.kinds import ContentRefused, DocumentKind, Fault

log = structlog.get_logger()

ROOT = Path(__file__).parents[3]
CHILD = "services.ats.files.child"
SECONDS = 30.0
AT_ONCE = 3
MEMORY_BYTES = 1024 * 1024 * 1024
"""Of one process, its libraries among them: enough for a picture of the most pixels that are taken."""


@dataclass(frozen=True, slots=True)
class Examined:
    """`copy` is the content without what it says of who made it."""

    kind: DocumentKind
    copy: bytes


class Examiner:
    def __init__(self, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def examine(self, content: bytes) -> Examined:
        """Raises ContentRefused, also where the parser died of the file or took too long."""
        async with self._turns:
            answer = await self._ask(content)
        verdict, _, copy = answer.partition(b"\n")
        found = json.loads(verdict) if verdict else {"fault": Fault.NOT_READABLE}
        if "fault" in found:
            raise ContentRefused(Fault(found["fault"]))
        return Examined(DocumentKind(found["kind"]), copy)

    async def _ask(self, content: bytes) -> bytes:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-B", "-m", CHILD, str(self._memory_bytes)),
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "2"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._seconds):
                answer, _ = await child.communicate(content)
        except TimeoutError:
            log.warning("document_examination_too_long")
            return b""
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode != 0:
            log.warning("document_examination_died", returncode=child.returncode)
            return b""
        return answer
