"""The keys that `ats` signs with, and what it signs: access tokens and sign-in assertions."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import SYSTEM
from services.ats.identity import rules
from services.ats.identity.auditing import audit_key
from services.ats.identity.models import SigningKey
from shared import outbox
from shared.errors import DomainError
from shared.events.ats import SigningKeyPublished
from shared.registry import apply_signing_key_published
from shared.tokens import (
    ACCESS_TOKEN,
    ACCESS_TOKEN_LIFE,
    ALGORITHM,
    ASSERTION,
    ASSERTION_LIFE,
    assertion_audience,
)
from shared.vocabulary import Scope, Service

NONCE_BYTES = 12


class NoSigningKey(DomainError):
    code = "no_signing_key"
    status = 503
    title = "There is no key to sign with yet"


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """The private key of this moment, ready to sign as `issuer`."""

    issuer: str
    kid: str
    private_key: Ed25519PrivateKey

    def access_token(
        self, client_id: UUID, *, scopes: Iterable[Scope], employers: list[str] | str, audience: Iterable[Service]
    ) -> str:
        """`employers` is the list of codes that the client serves, or "region"."""
        issued_at = datetime.now(UTC)
        claims = {
            "aud": [service.value for service in audience],
            "sub": str(client_id),
            "iat": issued_at,
            "exp": issued_at + ACCESS_TOKEN_LIFE,
            "scope": " ".join(scopes),
            "employers": employers,
        }
        return self._signed(claims, ACCESS_TOKEN)

    def assertion(self, staff_id: UUID, *, service: Service, nonce: str, return_to: str) -> str:
        """Says to one service that this person is signed in here. Its `iat` is exact: sign-outs are compared to it."""
        issued_at = datetime.now(UTC)
        claims = {
            "aud": assertion_audience(service),
            "sub": str(staff_id),
            "iat": issued_at.timestamp(),
            "exp": issued_at + ASSERTION_LIFE,
            "nonce": nonce,
            "return_to": return_to,
        }
        return self._signed(claims, ASSERTION)

    def _signed(self, claims: dict[str, Any], kind: str) -> str:
        return jwt.encode(
            {"iss": self.issuer, "jti": str(uuid4()), **claims},
            self.private_key,
            algorithm=ALGORITHM,
            headers={"kid": self.kid, "typ": kind},
        )


async def signer(session: AsyncSession, secret: bytes, issuer: str) -> Signer:
    """The newest key whose time has come. Raises NoSigningKey (503)."""
    query = select(SigningKey).where(SigningKey.usable_from <= func.clock_timestamp())
    key = await session.scalar(query.order_by(SigningKey.usable_from.desc()).limit(1))
    if key is None:
        raise NoSigningKey(next_step="Run the seed of ats", retry_after_seconds=5)
    return Signer(issuer, key.kid, _opened(key.sealed_private_key, secret, key.kid))


async def make_first_key(session: AsyncSession, secret: bytes, *, now: datetime) -> None:
    """Make and announce a key unless there is one. `now` is the business instant of the announcement."""
    if await session.scalar(select(SigningKey.kid).limit(1)) is None:
        await rotate_signing_key(session, secret, now=now)


async def rotate_signing_key(session: AsyncSession, secret: bytes, *, now: datetime) -> SigningKey:
    """Make a key, announce it, and retire the others from the moment it takes over (design section 3).

    It takes over 15 minutes from now by the system clock; the first one of an instance at once.
    """
    system_now = datetime.now(UTC)
    older = (await session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None)).with_for_update())).all()
    key = _new_key(secret, rules.next_usable_from(system_now, is_first=not older))
    session.add(key)
    for each in older:
        each.retired_at = key.usable_from
    for each in (key, *older):
        await _announce(session, each, now)
    audit_key(session, key, by=SYSTEM, at=now)
    return key


async def _announce(session: AsyncSession, key: SigningKey, now: datetime) -> None:
    event = SigningKeyPublished(
        key_id=key.key_id,
        kid=key.kid,
        public_key_pem=key.public_key_pem,
        usable_from=key.usable_from,
        retired_at=key.retired_at,
    )
    await apply_signing_key_published(session, event)
    await outbox.record(session, event, now=now)


def _new_key(secret: bytes, usable_from: datetime) -> SigningKey:
    private_key = Ed25519PrivateKey.generate()
    key_id = uuid4()
    kid = key_id.hex
    nonce = os.urandom(NONCE_BYTES)
    raw = private_key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return SigningKey(
        kid=kid,
        key_id=key_id,
        sealed_private_key=nonce + AESGCM(secret).encrypt(nonce, raw, kid.encode()),
        public_key_pem=private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        usable_from=usable_from,
    )


def _opened(sealed: bytes, secret: bytes, kid: str) -> Ed25519PrivateKey:
    raw = AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], kid.encode())
    return Ed25519PrivateKey.from_private_bytes(raw)
