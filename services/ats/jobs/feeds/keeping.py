"""A feed is written once for a state of the adverts and kept in an unnamed file until that state changes.

So it never shows what was taken down, and reading it again costs one question to the database.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import weakref
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from fastapi import FastAPI
from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.feeds.catalogue import Feed
from services.ats.jobs.feeds.formats import Add
from services.ats.jobs.models import EndedJob, PublishedJob
from shared.calendar import LONDON
from shared.settings import Settings

ROWS_AT_A_TIME = 200
CHUNK = 65_536
MOST_KEPT = 64


@dataclass(frozen=True)
class Written:
    """A feed on disk, in a file without a name: it is gone when nobody reads it any more."""

    state: tuple[Any, ...]
    descriptor: int
    size: int
    etag: str

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Its bytes. Each reader keeps its own place."""
        for offset in range(0, self.size, CHUNK):
            yield await asyncio.to_thread(os.pread, self.descriptor, CHUNK, offset)


@dataclass
class Shelf:
    """What one process has written, the feeds asked for last. One of a kind is written by one caller at a time."""

    written: OrderedDict[tuple[str, str | None], Written] = field(default_factory=OrderedDict)
    locks: dict[tuple[str, str | None], asyncio.Lock] = field(default_factory=dict)

    async def get(self, session: AsyncSession, feed: Feed, employer: str | None, *, now: datetime) -> Written:
        """The feed as the adverts are now."""
        key = (feed.name, employer)
        async with self.locks.setdefault(key, asyncio.Lock()):
            state = await _state(session, now=now)
            found = self.written.get(key)
            if found is None or found.state != state:
                found = await _write(session, feed, employer, state, now=now)
                self.written[key] = found
            self.written.move_to_end(key)
            while len(self.written) > MOST_KEPT:
                self.locks.pop(self.written.popitem(last=False)[0], None)
            return found


def keep_feeds(app: FastAPI, _settings: Settings) -> None:
    """For `ServiceApp.on_start`."""
    app.state.feed_shelf = Shelf()


def shelf_of(app: FastAPI) -> Shelf:
    return app.state.feed_shelf


async def _state(session: AsyncSession, *, now: datetime) -> tuple[Any, ...]:
    """Changes whenever any feed would: which adverts are live in which version, which are over, and the day."""
    job = PublishedJob
    versions = func.bit_xor(func.uuid_hash_extended(job.id, cast(job.version, BigInteger)))
    live = await session.execute(select(func.count(), versions).where(job.closes_at > now))
    over = func.bit_xor(func.uuid_hash_extended(EndedJob.id, 0))
    ended = await session.execute(select(func.count(), over).where(EndedJob.closes_at > now))
    return (*live.one(), *ended.one(), now.astimezone(LONDON).date())


async def _write(
    session: AsyncSession, feed: Feed, employer: str | None, state: tuple[Any, ...], *, now: datetime
) -> Written:
    with TemporaryFile() as file:
        with feed.write(file, now) as add:
            rows = await session.stream_scalars(feed.of(employer, now=now).execution_options(yield_per=ROWS_AT_A_TIME))
            try:
                async for some in rows.partitions():
                    # Writing is work for the processor: other requests are answered meanwhile.
                    await asyncio.to_thread(_add_all, add, some)
            finally:
                await rows.close()
        file.flush()
        size, etag = file.tell(), await asyncio.to_thread(_etag, file)
        written = Written(state, os.dup(file.fileno()), size, etag)
    weakref.finalize(written, os.close, written.descriptor)
    return written


def _add_all(add: Add, rows: Sequence[Any]) -> None:
    for row in rows:
        add(row)


def _etag(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return f'"{digest.hexdigest()[:32]}"'
