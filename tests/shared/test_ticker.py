"""Due work: until nothing is due, by one worker at a time, and none stopped by another's fault."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import orm, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import ticker as ticking
from shared.database import Sessions, transaction
from shared.tenancy import REGION
from shared.ticker import Ticker, hurry, ticked_until
from shared.vocabulary import Service
from tests.mechanism import Mechanism

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class MovableClock:
    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant


class Tick:
    """A row of `ticks` as an object."""


orm.registry().map_imperatively(Tick, ticking.ticks)


class Tasks:
    """A due command with a number of things to do, `at_once` at most."""

    def __init__(self, due: int, at_once: int = 3) -> None:
        self.due = due
        self.at_once = at_once
        self.calls: list[datetime] = []

    async def __call__(self, session: AsyncSession, now: datetime) -> int:
        assert await session.scalar(text("SELECT current_setting('app.scope')")) == "region"
        self.calls.append(now)
        done = min(self.due, self.at_once)
        self.due -= done
        return done


async def fails(_session: AsyncSession, _now: datetime) -> int:
    raise RuntimeError


async def reached(sessions: Sessions) -> datetime | None:
    async with transaction(sessions, REGION) as session:
        return await ticked_until(session)


async def test_a_tick_goes_on_until_nothing_is_due(heard: Sessions) -> None:
    tasks = Tasks(due=7)
    assert await Ticker(Service.CLEARING, heard, MovableClock(), [tasks]).tick()
    assert (tasks.due, len(tasks.calls)) == (0, 4)
    assert await reached(heard) == START


async def test_one_bad_command_does_not_stop_the_others_and_is_not_called_done(heard: Sessions) -> None:
    before, after = Tasks(due=1), Tasks(due=1)
    assert not await Ticker(Service.CLEARING, heard, MovableClock(), [before, fails, after]).tick()
    assert (before.due, after.due) == (0, 0)
    assert await reached(heard) is None


async def test_commands_with_nothing_to_do_share_a_transaction_and_one_that_did_something_ends_it(
    heard: Sessions,
) -> None:
    transactions: dict[str, list[datetime]] = {}

    def command(name: str, due: int) -> ticking.DueCommand:
        tasks = Tasks(due)

        async def run(session: AsyncSession, now: datetime) -> int:
            began = await session.scalar(text("SELECT transaction_timestamp()"))
            transactions.setdefault(name, []).append(began)
            return await tasks(session, now)

        return run

    commands = [command(name, due) for name, due in (("a", 0), ("b", 0), ("busy", 4), ("c", 0), ("d", 0))]
    assert await Ticker(Service.CLEARING, heard, MovableClock(), commands).tick()
    assert transactions["a"] == transactions["b"] == transactions["busy"][:1]
    assert transactions["c"] == transactions["d"]
    assert len({each for began in transactions.values() for each in began}) == 4


async def test_what_a_command_did_stays_when_the_one_after_it_fails(mechanism: Mechanism, heard: Sessions) -> None:
    async def writes_once(session: AsyncSession, now: datetime) -> int:
        done = await session.execute(
            text("INSERT INTO clearing.ticks VALUES ('done', :now) ON CONFLICT DO NOTHING RETURNING name"), {"now": now}
        )
        return len(done.all())

    assert not await Ticker(Service.CLEARING, heard, MovableClock(), [writes_once, fails]).tick()
    assert mechanism.scalar("SELECT count(*) FROM clearing.ticks") == 1


async def test_what_one_command_read_another_reads_again(heard: Sessions) -> None:
    kept: list[Tick | None] = []

    async def reads(session: AsyncSession, _now: datetime) -> int:
        assert not list(session.identity_map.values())
        kept.append(await session.get(Tick, "due"))
        return 0

    await Ticker(Service.CLEARING, heard, MovableClock(), []).tick()
    assert await Ticker(Service.CLEARING, heard, MovableClock(), [reads, reads]).tick()
    assert None not in kept


async def test_a_command_that_fails_changes_nothing(mechanism: Mechanism, heard: Sessions) -> None:
    async def writes_then_fails(session: AsyncSession, now: datetime) -> int:
        await session.execute(text("INSERT INTO clearing.ticks VALUES ('half', :now)"), {"now": now})
        raise RuntimeError

    await Ticker(Service.CLEARING, heard, MovableClock(), [writes_then_fails]).tick()
    assert mechanism.scalar("SELECT count(*) FROM clearing.ticks") == 0


async def test_two_workers_do_not_run_a_command_at_the_same_time(heard: Sessions) -> None:
    running, may_end = asyncio.Event(), asyncio.Event()

    async def command(_session: AsyncSession, _now: datetime) -> int:
        assert not running.is_set()
        running.set()
        await may_end.wait()
        return 0

    first = asyncio.create_task(Ticker(Service.CLEARING, heard, MovableClock(), [command]).tick())
    await running.wait()
    assert not await Ticker(Service.CLEARING, heard, MovableClock(), [command]).tick()
    may_end.set()
    assert await first


async def test_services_that_share_a_database_do_not_wait_for_each_other(heard: Sessions) -> None:
    """Such as pruning, which all three do under one name."""
    running, may_end = asyncio.Event(), asyncio.Event()

    async def command(_session: AsyncSession, _now: datetime) -> int:
        if running.is_set():
            return 0
        running.set()
        await may_end.wait()
        return 0

    first = asyncio.create_task(Ticker(Service.CLEARING, heard, MovableClock(), [command]).tick())
    await running.wait()
    assert await Ticker(Service.NOTIFICATIONS, heard, MovableClock(), [command]).tick()
    may_end.set()
    await first


async def test_what_is_noted_as_done_never_goes_back(heard: Sessions) -> None:
    clock = MovableClock()
    await Ticker(Service.CLEARING, heard, clock, []).tick()
    clock.instant -= timedelta(days=1)
    await Ticker(Service.CLEARING, heard, clock, []).tick()
    assert await reached(heard) == START


@pytest.mark.parametrize("wake", ["the clock was moved", "somebody waits"])
async def test_a_tick_comes_early_when(heard: Sessions, monkeypatch: pytest.MonkeyPatch, wake: str) -> None:
    monkeypatch.setattr(ticking, "TICK_SECONDS", 600.0)
    clock, tasks = MovableClock(), Tasks(due=0)
    running = asyncio.create_task(Ticker(Service.CLEARING, heard, clock, [tasks]).run())
    async with asyncio.timeout(30):
        while await reached(heard) is None:
            await asyncio.sleep(0.01)
        if wake == "somebody waits":
            hurry()
        else:
            clock.instant += timedelta(days=6)
        while len(tasks.calls) < 2:
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
