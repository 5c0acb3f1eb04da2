"""Signed links for candidates and displaced employees, and the short sessions that they open.

A link is single use, expires by the business clock, can be revoked, and leads one person to one purpose. Only its
hash is stored. Opening it with GET shows a button; the POST behind the button spends it, so that a mail scanner that
follows links spends none. The session that it opens is measured by the database's own clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    LargeBinary,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import DomainError
from shared.orm import MECHANISM
from shared.rls import protect
from shared.sessions import TOKEN_BYTES, token_hash

SESSION_LIFE = timedelta(hours=2)
BEARER_PREFIX = "wls_"

signed_links = Table(
    "signed_links",
    MECHANISM,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("purpose", String(40), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("employer_id", Uuid),
    # A local path of the service, when the link leads past its purpose's usual page.
    Column("path", String(300)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Index("ix_signed_links_subject_id", "subject_id"),
)

link_sessions = Table(
    "link_sessions",
    MECHANISM,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("ix_link_sessions_expires_at", "expires_at"),
    Index("ix_link_sessions_subject_id", "subject_id"),
)


class LinkNotUsable(DomainError):
    """Unknown, used, revoked and expired read the same."""

    code = "link_not_usable"
    status = 410
    title = "This link has been used or is no longer valid"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a spent link gives: a bearer token for a short session, and where to go."""

    token: str
    subject_id: UUID
    purpose: str
    path: str | None


@dataclass(frozen=True, slots=True)
class LinkSession:
    subject_id: UUID
    purpose: str


def policies(schema: str) -> Iterator[str]:
    """A link is made by whoever may write to its person or employer; spending and sessions are region code.

    Reading one back gives a hash, which opens nothing.
    """
    yield from protect(f"{schema}.signed_links", subjects=("subject_id",))
    yield from protect(f"{schema}.link_sessions", employers=())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """What a link is for. `expires_at` is a business instant."""

    purpose: str
    subject_id: UUID
    employer_id: UUID | None
    expires_at: datetime
    path: str | None = None


async def issue_link(
    session: AsyncSession,
    *,
    purpose: str,
    subject_id: UUID,
    employer_id: UUID | None,
    expires_at: datetime,
    path: str | None = None,
) -> str:
    """Make a link and return its token for `link_url`; it cannot be read again. `expires_at` is a business instant."""
    link = NewLink(purpose=purpose, subject_id=subject_id, employer_id=employer_id, expires_at=expires_at, path=path)
    return (await issue_links(session, [link]))[0]


async def issue_links(session: AsyncSession, wanted: Sequence[NewLink]) -> list[str]:
    """Make many links in one round trip and return their tokens, in the order given."""
    tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _ in wanted]
    if wanted:
        rows = [{"token_hash": token_hash(token), **asdict(link)} for token, link in zip(tokens, wanted, strict=True)]
        await session.execute(insert(signed_links), rows)
    return tokens


def link_url(public_url: str, token: str) -> str:
    """The address to put into a message, and nowhere else."""
    return f"{public_url.rstrip('/')}/l/{token}"


async def revoke_links(session: AsyncSession, subject_id: UUID, *, now: datetime, purpose: str | None = None) -> int:
    """Make the unused links of a person (for one purpose, or all) unusable. Returns how many."""
    statement = update(signed_links).where(
        signed_links.c.subject_id == subject_id,
        signed_links.c.used_at.is_(None),
        signed_links.c.revoked_at.is_(None),
    )
    if purpose is not None:
        statement = statement.where(signed_links.c.purpose == purpose)
    return len((await session.scalars(statement.values(revoked_at=now).returning(signed_links.c.purpose))).all())


async def is_usable(session: AsyncSession, token: str, *, now: datetime) -> bool:
    return await session.scalar(select(signed_links.c.purpose).where(*_usable(token, now))) is not None


async def open_link(session: AsyncSession, token: str, *, now: datetime) -> OpenedLink:
    """Spend a link and open its session. Two at once: one gets it. Raises LinkNotUsable (410)."""
    spend = update(signed_links).where(*_usable(token, now)).values(used_at=now)
    link = (
        await session.execute(spend.returning(signed_links.c.subject_id, signed_links.c.purpose, signed_links.c.path))
    ).one_or_none()
    if link is None:
        raise LinkNotUsable(next_step="Ask for a new one on the page that the service has for it")
    system_now = func.clock_timestamp()
    await session.execute(delete(link_sessions).where(link_sessions.c.expires_at < system_now))
    bearer = BEARER_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    await session.execute(
        insert(link_sessions).values(
            token_hash=token_hash(bearer),
            subject_id=link.subject_id,
            purpose=link.purpose,
            expires_at=system_now + SESSION_LIFE,
        )
    )
    return OpenedLink(bearer, link.subject_id, link.purpose, link.path)


async def find_link_session(session: AsyncSession, bearer: str) -> LinkSession | None:
    query = select(link_sessions.c.subject_id, link_sessions.c.purpose).where(
        link_sessions.c.token_hash == token_hash(bearer), link_sessions.c.expires_at > func.clock_timestamp()
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else LinkSession(row.subject_id, row.purpose)


async def end_link_session(session: AsyncSession, bearer: str) -> None:
    await session.execute(delete(link_sessions).where(link_sessions.c.token_hash == token_hash(bearer)))


async def end_link_sessions_of(session: AsyncSession, subject_id: UUID) -> None:
    """End a person's sessions: after an erasure, or when the address was somebody else's."""
    await session.execute(delete(link_sessions).where(link_sessions.c.subject_id == subject_id))


def _usable(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        signed_links.c.token_hash == token_hash(token),
        signed_links.c.used_at.is_(None),
        signed_links.c.revoked_at.is_(None),
        signed_links.c.expires_at > now,
    )
