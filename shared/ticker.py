"""Business deadlines: once a second the commands that are due run, until none finds anything more to do.

No deadline rides on the queue's own deferral. Several workers may tick: a transaction-level advisory lock lets one of
them at a time run a command.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, DateTime, String, Table, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.database import Sessions, transaction
from shared.error_reports import kind_of, place_of
from shared.orm import MECHANISM
from shared.tenancy import REGION
from shared.vocabulary import Service

log = structlog.get_logger()

DueCommand = Callable[[AsyncSession, datetime], Awaitable[int]]
"""Does at most about 100 due things, each dated with the instant it was due, and returns how many."""

TICK_SECONDS = 1.0
# A moved business clock is noticed this often, without waiting for the next tick.
GLANCE_SECONDS = 0.1
A_JUMP = timedelta(minutes=1)
MAX_ROUNDS = 200
COMMAND_SECONDS = 60.0
ONLY_ROW = "due"
_hurries = [0]

ticks = Table(
    "ticks",
    MECHANISM,
    Column("name", String(10), primary_key=True),
    Column("ticked_until", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class _Glance:
    """`busy`: a command that did something, and may have more to do. `left`: those that had no turn yet."""

    complete: bool
    left: Sequence[DueCommand]
    busy: DueCommand | None = None


class Ticker:
    """`ticked_until` (business time) is the instant up to which nothing due is left undone."""

    def __init__(self, service: Service, sessions: Sessions, clock: Clock, commands: Sequence[DueCommand]) -> None:
        self._service = service
        self._sessions = sessions
        self._clock = clock
        self._commands = commands

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            started_at, hurried = self._clock.now(), _hurries[0]
            await self.tick()
            await self._rest(started_at, hurried)

    async def tick(self) -> bool:
        """Run every due command until none has more to do. False when one failed or another worker holds it."""
        reached = self._clock.now()
        complete, left = True, tuple(self._commands)
        while left:
            glance = await self._glance(left)
            complete &= glance.complete
            if glance.busy is not None:
                complete &= await self._finish(glance.busy)
            left = glance.left
        if complete:
            try:
                await self._note(reached)
            except Exception as error:  # noqa: BLE001 - the database is away; the next tick says it again
                log.warning("tick_not_noted", error=kind_of(error), place=place_of(error))
                complete = False
        return complete

    async def _glance(self, commands: Sequence[DueCommand]) -> _Glance:
        """Run commands in one transaction up to the first that does something, or fails.

        Second after second nearly all of them have nothing to do: a transaction for each was most of what a worker
        at rest did.
        """
        complete, reached = True, 0
        try:
            async with transaction(self._sessions, REGION) as session:
                locked = await self._locked(session, commands)
                for reached, command in enumerate(commands):
                    if not locked[reached]:
                        complete = False
                    elif await self._run(session, command):
                        return _Glance(complete, commands[reached + 1 :], command)
        except Exception as error:  # noqa: BLE001 - one bad command must not stop the others
            _say_failed(commands[reached], error)
            return _Glance(False, commands[reached + 1 :])
        return _Glance(complete, ())

    async def _finish(self, command: DueCommand) -> bool:
        try:
            for _ in range(MAX_ROUNDS):
                async with transaction(self._sessions, REGION) as session:
                    if not all(await self._locked(session, [command])):
                        return False
                    if not await self._run(session, command):
                        return True
        except Exception as error:  # noqa: BLE001 - one bad command must not stop the others
            _say_failed(command, error)
            return False
        log.warning("due_command_unfinished", command=name_of(command), rounds=MAX_ROUNDS)
        return False

    async def _locked(self, session: AsyncSession, commands: Sequence[DueCommand]) -> Sequence[bool]:
        numbers = [_lock_number(self._service, each) for each in commands]
        return (await session.execute(select(*map(func.pg_try_advisory_xact_lock, numbers)))).one()

    async def _run(self, session: AsyncSession, command: DueCommand) -> int:
        # What a command before this one read may have changed since.
        await session.flush()
        session.expunge_all()
        async with asyncio.timeout(COMMAND_SECONDS):
            return await command(session, self._clock.now())

    async def _note(self, reached: datetime) -> None:
        noted = insert(ticks).values(name=ONLY_ROW, ticked_until=reached)
        async with transaction(self._sessions, REGION) as session:
            await session.execute(
                noted.on_conflict_do_update(
                    index_elements=[ticks.c.name],
                    set_={"ticked_until": func.greatest(ticks.c.ticked_until, noted.excluded.ticked_until)},
                )
            )

    async def _rest(self, started_at: datetime, hurried: int) -> None:
        """Until the next second, or a glance later when the business clock was moved or somebody cannot wait."""
        for _ in range(round(TICK_SECONDS / GLANCE_SECONDS)):
            await asyncio.sleep(GLANCE_SECONDS)
            if _hurries[0] != hurried or self._clock.now() - started_at > A_JUMP:
                return


def hurry() -> None:
    """Somebody in this process waits for the next tick."""
    _hurries[0] += 1


def name_of(command: Callable[..., Any]) -> str:
    return f"{command.__module__}.{getattr(command, '__qualname__', type(command).__name__)}"


def _say_failed(command: DueCommand, error: Exception) -> None:
    log.error("due_command_failed", command=name_of(command), error=kind_of(error), place=place_of(error))


def _lock_number(service: Service, command: DueCommand) -> int:
    """Stable between processes, and another one for each service of a shared database."""
    return zlib.crc32(f"{service}:{name_of(command)}".encode())


async def ticked_until(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(ticks.c.ticked_until).where(ticks.c.name == ONLY_ROW))
