"""What must not be left half done when its worker is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

# Long enough for what is tidied up on the way out: a second cancellation would break that off.
HEARD_SECONDS = 1.0


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns or raises. A cancellation is heard when it is over, for what must not be left half done."""
    task = asyncio.create_task(work)
    interruption: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            interruption = error
    if interruption is not None:
        await asyncio.gather(task, return_exceptions=True)
        raise interruption
    return task.result()


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel `tasks` and wait until each has ended, however it does.

    Again until it is heard: `asyncio.wait_for` before Python 3.12, and with it the Redis client, swallows a
    cancellation that comes in the moment in which what it waits for is done.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=HEARD_SECONDS)
