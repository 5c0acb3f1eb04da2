"""Passwords by argon2id, in a thread, a few at a time: each costs 64 MiB and some 50 ms."""

from __future__ import annotations

from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = CapacityLimiter(2)
HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    return HASHER.hash(password)


async def is_password(password: str, password_hash: str | None) -> bool:
    """Whether this is the password. No hash, no match, after the same work: a guess does not learn who has one."""
    return await to_thread.run_sync(_verify, password, password_hash, limiter=AT_ONCE)


async def hash_in_thread(password: str) -> str:
    return await to_thread.run_sync(hash_password, password, limiter=AT_ONCE)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        matches = HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return hash_password("a password that nobody has chosen")
