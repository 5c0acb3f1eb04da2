"""Due work row by row: a row that cannot be done waits, and the others are done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import ticker
from shared.database import Sessions, transaction
from shared.due_rows import count_held_back, do_each, due_failures, forget_failures, not_held_back
from shared.event_figures import DUE_ROWS_HELD_BACK, refresh_gauges
from shared.settling import settling_answers
from shared.tenancy import REGION
from shared.ticker import Ticker
from shared.vocabulary import Service
from tests.mechanism import Mechanism

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Clock:
    def now(self) -> datetime:
        return NOW


class Deadlines:
    """A due command on rows of a table at hand: a `backlog` of nought is due, two at a time; `bad` rows fail."""

    def __init__(self, bad: Iterable[UUID], *, fault: str = "SELECT 1/0") -> None:
        self.bad = set(bad)
        self.fault = fault
        self.tried: list[UUID] = []

    async def __call__(self, session: AsyncSession, _now: datetime) -> int:
        row = settling_answers.c
        query = (
            select(row.round_id)
            .where(row.backlog == 0, not_held_back(self, row.round_id))
            .order_by(row.activity)
            .limit(2)
        )

        async def step(row_id: UUID) -> None:
            self.tried.append(row_id)
            await session.execute(
                update(settling_answers).where(settling_answers.c.round_id == row_id).values(backlog=1)
            )
            if row_id in self.bad:
                await session.execute(text(self.fault))

        return await do_each(session, self, (await session.scalars(query)).all(), step)


@pytest.fixture
async def rows(heard: Sessions) -> list[UUID]:
    ids = [uuid4() for _ in range(6)]
    async with transaction(heard, REGION) as session:
        await session.execute(
            settling_answers.insert(),
            [{"round_id": each, "service": "ats", "backlog": 0, "activity": at} for at, each in enumerate(ids)],
        )
    return ids


async def done(sessions: Sessions) -> list[UUID]:
    row = settling_answers.c
    async with transaction(sessions, REGION) as session:
        return list(await session.scalars(select(row.round_id).where(row.backlog == 1).order_by(row.activity)))


async def tick(sessions: Sessions, command: ticker.DueCommand) -> bool:
    return await Ticker(Service.CLEARING, sessions, Clock(), [command]).tick()


async def test_rows_that_fail_stay_due_and_the_others_are_done_though_bad_ones_fill_a_batch(
    heard: Sessions, rows: list[UUID]
) -> None:
    command = Deadlines(bad=rows[:3])
    assert await tick(heard, command)
    assert await done(heard) == rows[3:]
    assert sorted(command.tried) == sorted(rows)


@pytest.mark.usefixtures("rows")
async def test_a_row_held_back_is_tried_again_when_its_pause_is_over_and_forgotten_when_done(
    mechanism: Mechanism, heard: Sessions, rows: list[UUID]
) -> None:
    command = Deadlines(bad=rows[:1])
    for failures in (1, 2):
        await tick(heard, command)
        assert mechanism.query("SELECT row_id, failures, reason FROM clearing.due_failures") == [
            (rows[0], failures, "DataError:22012")
        ]
        await tick(heard, command)
        assert command.tried.count(rows[0]) == failures
        mechanism.query("UPDATE clearing.due_failures SET next_at = clock_timestamp()")
    command.bad.clear()
    await tick(heard, command)
    assert await done(heard) == rows
    assert mechanism.scalar("SELECT count(*) FROM clearing.due_failures") == 0


async def test_the_pause_doubles_up_to_a_quarter_of_an_hour(mechanism: Mechanism, heard: Sessions) -> None:
    row_id, pauses = uuid4(), []

    async def step(_row_id: UUID) -> None:
        raise RuntimeError

    for _ in range(12):
        async with transaction(heard, REGION) as session:
            await do_each(session, tick, [row_id], step)
        pause = "SELECT round(extract(epoch FROM next_at - failed_at))::int FROM clearing.due_failures"
        pauses.append(mechanism.scalar(pause))
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_a_connection_that_is_lost_fails_the_command_and_no_row(
    mechanism: Mechanism, heard: Sessions, rows: list[UUID]
) -> None:
    command = Deadlines(bad=rows[:1], fault="SELECT pg_terminate_backend(pg_backend_pid())")
    assert not await tick(heard, command)
    assert await done(heard) == []
    assert mechanism.scalar("SELECT count(*) FROM clearing.due_failures") == 0


async def test_what_is_held_back_is_shown_and_what_nobody_tries_any_more_is_forgotten(
    mechanism: Mechanism, heard: Sessions, rows: list[UUID]
) -> None:
    await tick(heard, Deadlines(bad=rows[:3]))
    async with transaction(heard, REGION) as session:
        await refresh_gauges(session)
        assert await count_held_back(session) == 3
        await forget_failures(session, NOW)
        assert await session.scalar(select(func.count()).select_from(due_failures)) == 3
    assert DUE_ROWS_HELD_BACK._value.get() == 3
    mechanism.query("UPDATE clearing.due_failures SET next_at = next_at - interval '2 hours'")
    async with transaction(heard, REGION) as session:
        await forget_failures(session, NOW)
        assert await session.scalar(select(func.count()).select_from(due_failures)) == 0
