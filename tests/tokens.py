"""Access tokens for tests, signed by a key of the test's own that the services were told of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import insert

from shared.database import Sessions, transaction
from shared.registry import verification_keys
from shared.tenancy import REGION
from shared.tokens import ACCESS_TOKEN
from shared.vocabulary import Scope, Service


class Signer:
    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.kid = f"test-{uuid4().hex[:8]}"
        self.issuer = "http://127.0.0.1:8001"

    async def publish(self, sessions: Mapping[Service, Sessions]) -> None:
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        usable_from = datetime.now(UTC) - timedelta(minutes=1)
        for each in sessions.values():
            async with transaction(each, REGION) as session:
                await session.execute(
                    insert(verification_keys).values(kid=self.kid, public_key_pem=pem, usable_from=usable_from)
                )

    def claims(self, *scopes: Scope, employers: Iterable[str] | str = "region") -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "iss": self.issuer,
            "aud": [service.value for service in Service],
            "sub": str(uuid4()),
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + timedelta(minutes=10),
            "scope": " ".join(scopes),
            "employers": employers if employers == "region" else list(employers),
        }

    def token(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self.key, algorithm="EdDSA", headers={"kid": self.kid, "typ": ACCESS_TOKEN})

    def bearer(
        self,
        *scopes: Scope,
        employers: Iterable[str] | str = "region",
        on_behalf_of: UUID | None = None,
        client_id: UUID | None = None,
    ) -> dict[str, str]:
        """The headers of an API client with `scopes` at the employers with these codes, or in the whole region."""
        claims = self.claims(*scopes, employers=employers)
        if client_id is not None:
            claims["sub"] = str(client_id)
        headers = {"Authorization": f"Bearer {self.token(claims)}"}
        return headers | ({"On-Behalf-Of": str(on_behalf_of)} if on_behalf_of else {})
