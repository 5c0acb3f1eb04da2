"""Copies fed by state events end at the newest state, whatever the order."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid

from shared.copies import keep_newer
from shared.database import Sessions, transaction
from shared.tenancy import REGION
from tests.mechanism import Mechanism

posts = Table(
    "posts",
    MetaData(schema="clearing"),
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("title", String, nullable=False),
)


@pytest.fixture
def copies(mechanism: Mechanism) -> Mechanism:
    mechanism.query(
        "CREATE TABLE IF NOT EXISTS clearing.posts (id uuid PRIMARY KEY, version int NOT NULL, title text NOT NULL);"
        "TRUNCATE clearing.posts; GRANT ALL ON clearing.posts TO clearing_app"
    )
    return mechanism


async def test_an_older_or_equal_state_is_ignored(copies: Mechanism, heard: Sessions) -> None:
    post_id = uuid4()
    async with transaction(heard, REGION) as session:
        stored = [
            await keep_newer(session, posts, {"id": post_id, "version": version, "title": title})
            for version, title in ((2, "second"), (1, "first"), (2, "second again"), (3, "third"))
        ]
    assert stored == [True, False, False, True]
    assert copies.query("SELECT version, title FROM clearing.posts") == [(3, "third")]


async def test_states_in_any_order_and_at_once_end_at_the_newest(copies: Mechanism, heard: Sessions) -> None:
    post_id = uuid4()

    async def arrive(version: int) -> None:
        async with transaction(heard, REGION) as session:
            await keep_newer(session, posts, {"id": post_id, "version": version, "title": f"version {version}"})

    await asyncio.gather(*(arrive(version) for version in random.sample(range(1, 31), 30)))
    assert copies.query("SELECT version, title FROM clearing.posts") == [(30, "version 30")]
