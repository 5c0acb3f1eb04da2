"""`Idempotency-Key` on every POST: the first answer is stored with the change and replayed, byte for byte.

The answer is stored in the same transaction as the change. The session is a function-scoped dependency, which FastAPI
commits after the route has made its response and before the response leaves; the route class below stands between
the two, so it sees the finished body while the transaction is still open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from email.message import Message
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, delete, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import DomainError
from shared.orm import MECHANISM

KEPT_FOR = timedelta(hours=48)
MAX_KEY_LENGTH = 255
REPLAYED_HEADERS = ("content-type", "location", "etag", "link")

idempotency_keys = Table(
    "idempotency_keys",
    MECHANISM,
    Column(
        "fingerprint", LargeBinary, primary_key=True
    ),  # of caller, route and key: another caller's key is another row
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("ix_idempotency_keys_stored_at", "stored_at"),
)

# What makes a request another one under the same key, beside its body.
COMPARED_HEADERS = ("on-behalf-of", "if-match")
FORM_WITH_FILES = "multipart/form-data"
TRUTHS = frozenset({"1", "true", "t", "yes", "y", "on"})


class KeyReused(DomainError):
    code: ClassVar[str] = "idempotency_key_reused"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "This Idempotency-Key was used for a different request"


class KeyMalformed(DomainError):
    code: ClassVar[str] = "idempotency_key_malformed"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The Idempotency-Key is empty or too long"


class StillRunning(DomainError):
    code: ClassVar[str] = "still_running"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The first request with this Idempotency-Key is still running"


class Replay(Exception):
    """Not a failure: the stored first answer, on its way out past the route."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class IdempotentRoute(APIRoute):
    """Stores the answer of a POST that carries a key. `begin` (called with the session) decides on a replay."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if not _is_to_be_kept(request):
                return await original(request)
            request.state.idempotency_body = await _hash_of(request)
            try:
                response = await original(request)
            except Replay as replay:
                return replay.response
            await _keep(request, response)
            return response

        return handler


def _is_to_be_kept(request: Request) -> bool:
    """A rehearsal changes nothing: its key is still free for the change itself."""
    is_rehearsal = request.query_params.get("validate_only", "").lower() in TRUTHS
    return request.method == "POST" and "idempotency-key" in request.headers and not is_rehearsal


async def _hash_of(request: Request) -> bytes:
    """Of everything that the answer can depend on: the query, who decides, the version that was seen, the body."""
    said = [sorted(request.query_params.multi_items()), [request.headers.get(each) for each in COMPARED_HEADERS]]
    told = hashlib.sha256(json.dumps(said).encode() + b"\0")
    for part in _without_boundary(await request.body(), request.headers.get("content-type", "")):
        told.update(part)
    return told.digest()


def _without_boundary(body: bytes, content_type: str) -> Iterator[bytes]:
    """What parts a form is another one each time that the same form is sent: its parts count, with their lengths."""
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_boundary() if message.get_content_type() == FORM_WITH_FILES else None
    if boundary is None:
        yield body
        return
    for part in body.split(f"--{boundary}".encode("latin-1", "replace")):
        yield len(part).to_bytes(8)
        yield part


async def begin(session: AsyncSession, request: Request, caller: str) -> None:
    """Claim the request's key for `caller`, or raise Replay with the answer already given.

    Raises KeyReused (422) for another request under the same key, StillRunning (409) while a twin is in flight.
    """
    key = request.headers.get("idempotency-key")
    body_hash: bytes | None = getattr(request.state, "idempotency_body", None)
    if key is None or body_hash is None:
        return
    if not 0 < len(key.strip()) <= MAX_KEY_LENGTH:
        raise KeyMalformed(field="Idempotency-Key", next_step=f"Send 1 to {MAX_KEY_LENGTH} characters")
    fingerprint = fingerprint_of(caller, request.url.path, key)
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(lock_of(fingerprint)))):
        raise StillRunning(next_step="Wait a second and send it again", retry_after_seconds=1)
    stored = (
        await session.execute(select(idempotency_keys).where(idempotency_keys.c.fingerprint == fingerprint))
    ).one_or_none()
    if stored is None:
        request.state.idempotency_claim = (session, fingerprint)
        return
    if stored.body_hash != body_hash:
        raise KeyReused(field="Idempotency-Key", next_step="Use a new key for a new request")
    replayed = Response(stored.body, stored.status, headers={**stored.headers, "Idempotency-Replayed": "true"})
    raise Replay(replayed)


def fingerprint_of(caller: str, path: str, key: str) -> bytes:
    """What a stored answer is found by: another caller's key, or the same key at another address, is another one."""
    return hashlib.sha256(f"{caller}\0{path}\0{key}".encode()).digest()


def lock_of(fingerprint: bytes) -> int:
    """The advisory lock that the first request of this key holds until its transaction ends."""
    return int.from_bytes(fingerprint[:8], "big", signed=True)


async def _keep(request: Request, response: Response) -> None:
    claim: tuple[AsyncSession, bytes] | None = getattr(request.state, "idempotency_claim", None)
    if claim is None:
        return
    session, fingerprint = claim
    await session.flush()
    await session.execute(
        insert(idempotency_keys).values(
            fingerprint=fingerprint,
            body_hash=request.state.idempotency_body,
            status=response.status_code,
            headers={name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers},
            body=bytes(response.body),
        )
    )


async def forget_old_keys(session: AsyncSession, _now: datetime) -> int:
    """Due work: keys older than 48 hours by the system clock are forgotten."""
    old = idempotency_keys.c.stored_at < func.clock_timestamp() - KEPT_FOR
    batch = select(idempotency_keys.c.fingerprint).where(old).limit(500)
    statement = delete(idempotency_keys).where(idempotency_keys.c.fingerprint.in_(batch))
    gone = await session.execute(statement.returning(idempotency_keys.c.fingerprint))
    return len(gone.all())
