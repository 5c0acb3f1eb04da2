"""Checking the tokens that `ats` signs: access tokens of API clients and sign-in assertions of staff.

One algorithm (EdDSA, Ed25519), keys only from this service's own `verification_keys` table, every claim required.
What a token's header says about keys elsewhere (`jku`, `x5u`, `jwk`) is never read.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select

from shared.database import Sessions, transaction
from shared.errors import Unauthenticated
from shared.principals import Principal, PrincipalKind
from shared.reference.employers import employer_id
from shared.registry import verification_keys
from shared.tenancy import NOBODY
from shared.vocabulary import Scope, Service

ALGORITHM = "EdDSA"
LEEWAY = timedelta(seconds=30)
ACCESS_TOKEN_LIFE = timedelta(minutes=10)
ASSERTION_LIFE = timedelta(seconds=60)
ACCESS_TOKEN = "at+jwt"  # noqa: S105 # RFC 9068's type, not a secret
ASSERTION = "wme-sign-in+jwt"
REGION = "region"
"""In the `employers` claim: a client that reaches the whole region."""

ASK_AGAIN_SECONDS = 2.0
READ_AGAIN_SECONDS = 60.0
CHECKED_TOKENS = 2000
REQUIRED_CLAIMS: dict[str, list[str]] = {
    ACCESS_TOKEN: ["iss", "aud", "sub", "jti", "iat", "exp", "scope", "employers"],
    ASSERTION: ["iss", "aud", "sub", "jti", "iat", "exp", "nonce", "return_to"],
}


class TokenRefused(Unauthenticated):
    """The reason is not told: it would only help to forge the next one."""

    code = "token_refused"
    title = "The token is not valid here"


@dataclass(frozen=True, slots=True)
class VerificationKey:
    public_key: Ed25519PublicKey
    retired_at: datetime | None

    def covers(self, issued_at: datetime) -> bool:
        """A retired key vouches only for what it signed before."""
        return self.retired_at is None or issued_at < self.retired_at + LEEWAY


class VerificationKeys:
    """The service's keys, in memory. An unknown `kid` makes it look again, at most every two seconds."""

    def __init__(self) -> None:
        self._keys: Mapping[str, VerificationKey] = {}
        self._read_at = float("-inf")

    async def find(self, sessions: Sessions, kid: str) -> VerificationKey | None:
        age = time.monotonic() - self._read_at
        if age > READ_AGAIN_SECONDS or (kid not in self._keys and age > ASK_AGAIN_SECONDS):
            self._keys = await _read_keys(sessions)
            self._read_at = time.monotonic()
        return self._keys.get(kid)


async def _read_keys(sessions: Sessions) -> Mapping[str, VerificationKey]:
    async with transaction(sessions, NOBODY) as session:
        rows = (await session.execute(select(verification_keys))).all()
    return {row.kid: VerificationKey(_public_key(row.public_key_pem), row.retired_at) for row in rows}


def _public_key(pem: str) -> Ed25519PublicKey:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("only Ed25519 keys sign our tokens")
    return key


@dataclass(frozen=True, slots=True)
class CheckedToken:
    """An access token whose signature and claims were good: whom it speaks for, until when, by which key."""

    client: Principal
    expires_at: datetime
    kid: str
    key: VerificationKey


class CheckedTokens:
    """A client sends the same token for ten minutes: its signature is worked out once a minute, not at each request.

    The newest are kept, by digest. One counts only while its key is the very one that the service holds, so a key that
    was retired or replaced is seen as soon as it is read.
    """

    def __init__(self, room: int = CHECKED_TOKENS) -> None:
        self._room = room
        self._tokens: OrderedDict[bytes, CheckedToken] = OrderedDict()

    def get(self, digest: bytes) -> CheckedToken | None:
        return self._tokens.get(digest)

    def keep(self, digest: bytes, checked: CheckedToken) -> None:
        self._tokens[digest] = checked
        self._tokens.move_to_end(digest)
        while len(self._tokens) > self._room:
            self._tokens.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Verifier:
    """What one service accepts: tokens of this issuer, for this service."""

    keys: VerificationKeys
    issuer: str
    service: Service
    checked: CheckedTokens = field(default_factory=CheckedTokens)

    async def access_token(self, sessions: Sessions, token: str) -> Principal:
        """The API client that the token was issued to. Raises TokenRefused."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self.checked.get(digest)
        is_fresh = known is not None and datetime.now(UTC) < known.expires_at + LEEWAY
        if known is not None and is_fresh and await self.keys.find(sessions, known.kid) is known.key:
            return known.client
        claims, kid, key = await self._claims(sessions, token, ACCESS_TOKEN, self.service)
        client = principal_of(claims)
        self.checked.keep(digest, CheckedToken(client, _instant(claims["exp"]), kid, key))
        return client

    async def assertion(self, sessions: Sessions, token: str) -> Assertion:
        """Who signed in at `ats` a moment ago. Whether it was spent is the caller's to ask. Raises TokenRefused."""
        claims, _, _ = await self._claims(sessions, token, ASSERTION, assertion_audience(self.service))
        try:
            return Assertion(
                jti=UUID(claims["jti"]),
                staff_id=UUID(claims["sub"]),
                nonce=str(claims["nonce"]),
                return_to=str(claims["return_to"]),
                issued_at=_instant(claims["iat"]),
                expires_at=_instant(claims["exp"]),
            )
        except ValueError:
            raise TokenRefused from None

    async def _claims(
        self, sessions: Sessions, token: str, kind: str, audience: str
    ) -> tuple[dict[str, Any], str, VerificationKey]:
        """What it says, and the key that vouches for it."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != kind or header.get("alg") != ALGORITHM:
                raise TokenRefused
            kid = str(header.get("kid"))
            key = await self.keys.find(sessions, kid)
            if key is None:
                raise TokenRefused
            claims = jwt.decode(
                token,
                key.public_key,
                algorithms=[ALGORITHM],
                audience=audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": REQUIRED_CLAIMS[kind], "strict_aud": False},
            )
        except jwt.PyJWTError:
            raise TokenRefused from None
        if not key.covers(_instant(claims["iat"])):
            raise TokenRefused
        return claims, kid, key


@dataclass(frozen=True, slots=True)
class Assertion:
    jti: UUID
    staff_id: UUID
    nonce: str
    return_to: str
    issued_at: datetime
    expires_at: datetime


def assertion_audience(service: Service) -> str:
    """Not the audience of access tokens: one can never be taken for the other."""
    return f"{service}/session"


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """The client that a checked access token speaks for. Raises TokenRefused when its claims make no sense.

    Scopes that this version does not know are left out.
    """
    try:
        client = Principal(
            kind=PrincipalKind.CLIENT,
            id=UUID(claims["sub"]),
            scopes=frozenset(scope for scope in Scope if scope in claims["scope"].split()),
        )
        if claims["employers"] == REGION:
            return replace(client, is_region=True)
        if isinstance(claims["employers"], list):
            return replace(client, employer_ids=_employer_ids(claims["employers"]))
    except (ValueError, AttributeError, TypeError):
        raise TokenRefused from None
    raise TokenRefused


def _employer_ids(codes: Iterable[str]) -> frozenset[UUID]:
    return frozenset(employer_id(code) for code in codes)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
