"""Staff sessions of one service: a random token in a cookie, its hash here, the grants read live from `staff`.

All instants are the database's own: a session's life is not a business deadline. An hour without a request ends it,
and eight hours end it in any case.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, Table, Uuid, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.ats import StaffSessionsEnded
from shared.orm import MECHANISM
from shared.registry import StaffMember, as_staff_member, staff
from shared.rls import protect

ABSOLUTE = timedelta(hours=8)
IDLE = timedelta(hours=1)
# One write a minute and session is enough to know that somebody is still there.
SEEN_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 32

browser_sessions = Table(
    "browser_sessions",
    MECHANISM,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff_id", Uuid, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("ix_browser_sessions_staff_id", "staff_id"),
    Index("ix_browser_sessions_expires_at", "expires_at"),
)

# Also remembers when sessions were ended, so that an assertion made before then opens none.
session_ends = Table(
    "session_ends",
    MECHANISM,
    Column("staff_id", Uuid, primary_key=True),
    Column("ended_at", DateTime(timezone=True), nullable=False),
)

used_assertions = Table(
    "used_assertions",
    MECHANISM,
    Column("jti", Uuid, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class StaffSession:
    """An open session and whose it is, with the grants of this moment."""

    person: StaffMember
    opened_at: datetime


def policies(schema: str) -> Iterator[str]:
    """Only region code reads or writes sessions: they are looked up before anyone is known."""
    for table in (browser_sessions, session_ends, used_assertions):
        yield from protect(f"{schema}.{table.name}", employers=())


def token_hash(token: str) -> bytes:
    """What is stored of a token of 256 random bits. Salt and stretching would add nothing to such a secret."""
    return hashlib.sha256(token.encode()).digest()


async def open_session(session: AsyncSession, staff_id: UUID) -> str:
    """Open a session and return its token, which is stored nowhere. Clears what has expired."""
    now = func.clock_timestamp()
    await session.execute(delete(browser_sessions).where(browser_sessions.c.expires_at < now))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await session.execute(
        insert(browser_sessions).values(
            token_hash=token_hash(token), staff_id=staff_id, opened_at=now, seen_at=now, expires_at=now + ABSOLUTE
        )
    )
    return token


async def find_session(session: AsyncSession, token: str) -> StaffSession | None:
    """The open session of this token, or None: unknown, ended, idle, expired, or its owner is no longer active."""
    now = func.clock_timestamp()
    query = (
        select(staff, browser_sessions.c.opened_at, (browser_sessions.c.seen_at < now - SEEN_EVERY).label("is_stale"))
        .join(browser_sessions, browser_sessions.c.staff_id == staff.c.id)
        .where(
            browser_sessions.c.token_hash == token_hash(token),
            browser_sessions.c.expires_at > now,
            browser_sessions.c.seen_at > now - IDLE,
            staff.c.is_active,
        )
    )
    row = (await session.execute(query)).one_or_none()
    person = as_staff_member(row)
    if row is None or person is None:
        return None
    if row.is_stale:
        await session.execute(
            update(browser_sessions).where(browser_sessions.c.token_hash == token_hash(token)).values(seen_at=now)
        )
    return StaffSession(person, row.opened_at)


async def end_session(session: AsyncSession, token: str) -> None:
    await session.execute(delete(browser_sessions).where(browser_sessions.c.token_hash == token_hash(token)))


async def end_sessions_of(session: AsyncSession, staff_id: UUID, ended_at: datetime) -> None:
    """End every session of this person opened before `ended_at` (system clock), and refuse older assertions."""
    await session.execute(
        delete(browser_sessions).where(
            browser_sessions.c.staff_id == staff_id, browser_sessions.c.opened_at <= ended_at
        )
    )
    statement = insert(session_ends).values(staff_id=staff_id, ended_at=ended_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["staff_id"],
            set_={"ended_at": func.greatest(session_ends.c.ended_at, statement.excluded.ended_at)},
        )
    )


async def apply_staff_sessions_ended(session: AsyncSession, event: StaffSessionsEnded) -> None:
    await end_sessions_of(session, event.staff_id, event.ended_at)


async def use_assertion(
    session: AsyncSession, jti: UUID, staff_id: UUID, *, issued_at: datetime, expires_at: datetime
) -> bool:
    """Spend a sign-in assertion. False when it was spent before, or made before this person's sessions were ended."""
    ended_at = await session.scalar(select(session_ends.c.ended_at).where(session_ends.c.staff_id == staff_id))
    if ended_at is not None and issued_at <= ended_at:
        return False
    await session.execute(
        delete(used_assertions).where(used_assertions.c.expires_at < func.clock_timestamp() - timedelta(minutes=5))
    )
    spent = insert(used_assertions).values(jti=jti, expires_at=expires_at).on_conflict_do_nothing()
    return await session.scalar(spent.returning(used_assertions.c.jti)) is not None
