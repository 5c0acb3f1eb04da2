"""The one commit place: whatever ends a transaction early leaves nothing open in the pool."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from shared.database import Sessions, transaction
from shared.tenancy import REGION
from tests.mechanism import Mechanism

MOMENTS = 40
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


async def writes(sessions: Sessions) -> None:
    async with transaction(sessions, REGION) as session:
        await session.execute(text("INSERT INTO clearing.ticks VALUES ('half', :now)"), {"now": NOON})
        await session.execute(text("SELECT pg_sleep(0.002)"))
        raise ValueError


@pytest.mark.parametrize("moment", range(MOMENTS))
async def test_a_transaction_that_is_cancelled_at_any_moment_ends(
    mechanism: Mechanism, heard: Sessions, moment: int
) -> None:
    """The pool itself sends no ROLLBACK: what came back unfinished would be committed by whoever is next."""
    running = asyncio.create_task(writes(heard))
    await asyncio.sleep(moment * 0.0005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    async with transaction(heard, REGION) as session:
        assert await session.scalar(text("SELECT count(*) FROM clearing.ticks")) == 0
    assert mechanism.scalar("SELECT count(*) FROM clearing.ticks") == 0
    assert mechanism.scalar("SELECT count(*) FROM pg_stat_activity WHERE state ~ '^idle in transaction'") == 0
