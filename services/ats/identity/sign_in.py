"""Signing in with a password, with limits that do not tell whether an account exists."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import passwords, queries, rules
from services.ats.identity.models import SignInFailures
from shared import sessions
from shared.registry import find_staff


async def sign_in(
    session: AsyncSession, *, email: str, password: str, address: str, secret: bytes, before: str | None
) -> str | None:
    """Open a session and return its token, or None.

    Wrong, unknown, inactive, without a password and locked read the same. A failure is counted, so the caller commits
    either way. `before` is the token of a session that this one replaces. `address` is where the request came from; it
    and the e-mail are kept only as an HMAC under `secret`.
    """
    login = rules.login_of(email)
    keys = {_key(limit.key, secret): limit for limit in rules.limits(login, address)}
    if await _is_locked(session, keys):
        return None
    credential = await queries.find_credential(session, login)
    is_right = await passwords.is_password(password, credential.password_hash if credential else None)
    person = await find_staff(session, credential.staff_id) if credential and is_right else None
    if person is None or not person.is_active:
        await _count_failure(session, keys)
        return None
    of_the_account = [key for key, limit in keys.items() if limit.is_of_the_account]
    await session.execute(delete(SignInFailures).where(SignInFailures.key.in_(of_the_account)))
    if before is not None:
        await sessions.end_session(session, before)
    return await sessions.open_session(session, person.id)


async def _is_locked(session: AsyncSession, keys: dict[bytes, rules.Limit]) -> bool:
    query = select(SignInFailures.key).where(
        SignInFailures.key.in_(keys), SignInFailures.locked_until > func.clock_timestamp()
    )
    return await session.scalar(query.limit(1)) is not None


async def _count_failure(session: AsyncSession, keys: dict[bytes, rules.Limit]) -> None:
    """Add one to each counter, in the same order for everyone; start again after an hour without one."""
    now = func.clock_timestamp()
    forgotten = SignInFailures.last_at < now - rules.FORGET_AFTER
    await session.execute(delete(SignInFailures).where(SignInFailures.last_at < now - timedelta(days=1)))
    for key in sorted(keys):
        failures = case((forgotten, 1), else_=SignInFailures.failures + 1)
        statement = insert(SignInFailures).values(key=key, failures=1, last_at=now)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": failures,
                    "last_at": now,
                    "locked_until": case((failures >= keys[key].failures, now + rules.LOCK_FOR), else_=None),
                },
            )
        )


def _key(text: str, secret: bytes) -> bytes:
    return hmac.digest(secret, f"sign-in\0{text}".encode(), sha256)
