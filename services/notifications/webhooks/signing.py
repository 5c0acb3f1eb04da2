"""Standard Webhooks 1.0: a secret, and the signature of a message under it (symmetric, `v1`)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.events.base import Sealed
from shared.sealing import keyring
from shared.vocabulary import Service

PREFIX = "whsec_"
SECRET_BYTES = 32


class EndpointSecret(Sealed):
    secret: str


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(secret: str, webhook_id: UUID) -> str:
    return keyring().seal(EndpointSecret(secret=secret), subscriber=Service.NOTIFICATIONS, event_id=webhook_id)


def opened(sealed: str, webhook_id: UUID) -> str:
    """Raises Unsealable."""
    found = keyring().open(sealed, EndpointSecret, subscriber=Service.NOTIFICATIONS, event_id=webhook_id)
    return found.secret


def headers_of(message_id: str, timestamp: int, body: bytes, signed_with: Sequence[str]) -> Mapping[str, str]:
    """`timestamp` in seconds since 1970. One signature for each secret, the newest first: both count in a rotation."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, content)}" for secret in signed_with),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
