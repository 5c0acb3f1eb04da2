"""Signing in with a password, with limits that do not tell whether an account exists."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import passwords, queries, rules
from services.ats.identity.models import FamiliarSignIn, SignInFailures, StaffCredential
from shared import sessions
from shared.database import Sessions, transaction
from shared.registry import find_staff
from shared.tenancy import REGION

Limits = Mapping[bytes, rules.Limit]


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose account from where. Both are kept only as an HMAC under `secret`."""

    email: str = field(repr=False)
    address: str = field(repr=False)
    secret: bytes = field(repr=False)

    @property
    def login(self) -> str:
        return rules.login_of(self.email)

    @property
    def pair(self) -> bytes:
        return self.key(rules.account_at(self.login, self.address))

    def key(self, text: str) -> bytes:
        return hmac.digest(self.secret, f"sign-in\0{text}".encode(), sha256)


class TooManyAttempts(Exception):
    """Inside this module only: what the caller is told is what a wrong password is told."""


async def sign_in(database: Sessions, origin: Origin, password: str, *, before: str | None) -> str | None:
    """Open a session and return its token, or None: wrong, unknown, inactive, without a password and stopped are one.

    The attempt is counted and committed before the password is looked at, so that many at once cannot get past the
    limit; no connection is held while it is hashed. `before` is the token of a session that this one replaces.
    """
    try:
        async with transaction(database, REGION) as session:
            limits = await _limits(session, origin)
            await _count(session, limits)
            credential = await queries.find_credential(session, origin.login)
            password_hash = credential.password_hash if credential else None
    except TooManyAttempts:
        return None
    if not await passwords.is_password(password, password_hash) or credential is None:
        return None
    async with transaction(database, REGION) as session:
        if not await _still_holds(session, credential):
            return None
        await _give_back(session, limits)
        await remember(session, origin)
        if before is not None:
            await sessions.end_session(session, before)
        return await sessions.open_session(session, credential.staff_id)


async def remember(session: AsyncSession, origin: Origin) -> None:
    """The owner of the account has shown who they are: this address is familiar, its failures are forgotten."""
    now = func.clock_timestamp()
    await _sweep(session, FamiliarSignIn, rules.FAMILIAR_FOR)
    seen = insert(FamiliarSignIn).values(key=origin.pair, last_at=now)
    await session.execute(seen.on_conflict_do_update(index_elements=["key"], set_={"last_at": now}))
    await session.execute(delete(SignInFailures).where(SignInFailures.key == origin.pair))


async def _limits(session: AsyncSession, origin: Origin) -> Limits:
    familiar = select(FamiliarSignIn.key).where(
        FamiliarSignIn.key == origin.pair, FamiliarSignIn.last_at > func.clock_timestamp() - rules.FAMILIAR_FOR
    )
    is_familiar = await session.scalar(familiar) is not None
    limits = rules.limits(origin.login, origin.address, is_familiar=is_familiar)
    return {origin.key(limit.key): limit for limit in limits}


async def _count(session: AsyncSession, limits: Limits) -> None:
    """Add one to each counter, in the same order for everyone; start again after an hour without one.

    The one that reaches a limit stops those after it. Raises TooManyAttempts where one is stopped: then none counts.
    """
    now = func.clock_timestamp()
    await _sweep(session, SignInFailures, timedelta(days=1))
    for key in sorted(limits):
        forgotten = SignInFailures.last_at < now - rules.FORGET_AFTER
        failures = case((forgotten, 1), else_=SignInFailures.failures + 1)
        counted = (
            insert(SignInFailures)
            .values(key=key, failures=1, last_at=now)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": failures,
                    "last_at": now,
                    "locked_until": case((failures >= limits[key].failures, now + rules.LOCK_FOR), else_=None),
                },
                where=or_(SignInFailures.locked_until.is_(None), SignInFailures.locked_until <= now),
            )
        )
        if await session.scalar(counted.returning(SignInFailures.key)) is None:
            raise TooManyAttempts


async def _give_back(session: AsyncSession, limits: Limits) -> None:
    """A right password was no failure: the account's counters begin anew, the address has one attempt less."""
    of_the_account = [key for key, limit in limits.items() if limit.is_of_the_account]
    await session.execute(delete(SignInFailures).where(SignInFailures.key.in_(of_the_account)))
    for key in limits.keys() - set(of_the_account):
        failures = func.greatest(SignInFailures.failures - 1, 0)
        stopped = case((failures >= limits[key].failures, SignInFailures.locked_until), else_=None)
        await session.execute(
            update(SignInFailures)
            .where(SignInFailures.key == key)
            .values(failures=failures, locked_until=stopped)
            .execution_options(synchronize_session=False)
        )


async def _sweep(session: AsyncSession, table: type[SignInFailures | FamiliarSignIn], older_than: timedelta) -> None:
    """Delete what is old, past what somebody else has in hand: two sweeps must not wait for each other."""
    old = select(table.key).where(table.last_at < func.clock_timestamp() - older_than)
    swept = delete(table).where(table.key.in_(old.with_for_update(skip_locked=True)))
    await session.execute(swept.execution_options(synchronize_session=False))


async def _still_holds(session: AsyncSession, checked: StaffCredential) -> bool:
    """Whether the account is open, and the password the one that was checked: it may have been replaced meanwhile."""
    query = select(StaffCredential.password_hash).where(StaffCredential.staff_id == checked.staff_id)
    if await session.scalar(query.with_for_update(read=True)) != checked.password_hash:
        return False
    person = await find_staff(session, checked.staff_id)
    return person is not None and person.is_active
