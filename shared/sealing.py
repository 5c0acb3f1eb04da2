"""Keys of the event mechanism: sealing what only one subscriber may open, signing what crosses the queue, person keys.

The first key of a kind is the one to write with; every listed key still reads, so that keys can be rotated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.events.base import Sealed
from shared.settings import Settings
from shared.vocabulary import Service

S = TypeVar("S", bound=Sealed)
NONCE_BYTES = 12


class Unsealable(Exception):
    """The sealed part was written with a key that is not here, for another event, or was changed on the way."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """`event_keys` by key id; `seal_keys` by `<subscriber>.<key id>`, so that each subscriber has keys of its own.

    `equality_secret` is for `ats` alone: no other process, and no database, can find or read what it keeps apart.
    """

    event_keys: Mapping[str, bytes]
    seal_keys: Mapping[str, bytes]
    person_key_secret: bytes
    equality_secret: bytes | None = None

    def seal(self, sealed: Sealed, *, subscriber: Service, event_id: UUID) -> str:
        """Encrypt for one subscriber. The token opens for this event and this subscriber only."""
        kid = next((each for each in self.seal_keys if each.startswith(f"{subscriber}.")), None)
        if kid is None:
            raise Unsealable(f"no seal key for {subscriber}")
        nonce = os.urandom(NONCE_BYTES)
        text = sealed.model_dump_json().encode()
        box = AESGCM(self.seal_keys[kid]).encrypt(nonce, text, _bound_to(subscriber, event_id))
        return f"{kid}:{base64.b64encode(nonce + box).decode()}"

    def open(self, token: str, shape: type[S], *, subscriber: Service, event_id: UUID) -> S:
        """Decrypt a token of `seal`. Raises Unsealable, and ValidationError when the text has another shape."""
        kid, _, box = token.partition(":")
        try:
            raw = base64.b64decode(box, validate=True)
            text = AESGCM(self.seal_keys[kid]).decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(subscriber, event_id)
            )
        except (KeyError, binascii.Error, ValueError, InvalidTag) as error:
            raise Unsealable(type(error).__name__) from None
        return shape.model_validate_json(text)

    def sign(self, body: bytes) -> tuple[str, str]:
        """The id of the signing key and the HMAC-SHA256 of `body` in hexadecimal."""
        kid = next(iter(self.event_keys))
        return kid, hmac.digest(self.event_keys[kid], body, hashlib.sha256).hex()

    def is_signed(self, body: bytes, *, kid: str, mac: str) -> bool:
        key = self.event_keys.get(kid)
        return key is not None and hmac.compare_digest(hmac.digest(key, body, hashlib.sha256).hex(), mac)


def _bound_to(subscriber: Service, event_id: UUID) -> bytes:
    return f"{event_id}:{subscriber}".encode()


class KeysNotInstalled(Exception):
    """A process used the keys before `install(settings)`."""


_installed: list[Keyring] = []


def install(settings: Settings) -> Keyring:
    """Give this process its keys, once at start. Commands take a session only, so the keys are the process's own."""
    ring = Keyring(
        event_keys={kid: key.get_secret_value() for kid, key in settings.event_keys.items()},
        seal_keys={kid: key.get_secret_value() for kid, key in settings.seal_keys.items()},
        person_key_secret=settings.person_key_secret.get_secret_value(),
        equality_secret=None if settings.equality_secret is None else settings.equality_secret.get_secret_value(),
    )
    _installed[:] = [ring]
    return ring


def keyring() -> Keyring:
    if not _installed:
        raise KeysNotInstalled("call shared.sealing.install(settings) when the process starts")
    return _installed[0]


def person_key(email: str) -> str:
    """The same person in two services, joined without showing the address: HMAC-SHA256 of the normalised e-mail.

    Never public (design section 3).
    """
    normalised = unicodedata.normalize("NFKC", email).strip().casefold()
    return hmac.digest(keyring().person_key_secret, normalised.encode(), hashlib.sha256).hex()


def lasting_proof(purpose: str, subject_id: UUID) -> str:
    """For a link that has to work for as long as a mail is kept, such as a way out of further ones: 32 hex digits.

    Under the key that never rotates. No e-mail address holds NUL, so no proof is somebody's person key.
    """
    text = f"{purpose}\x00{subject_id}"
    return hmac.digest(keyring().person_key_secret, text.encode(), hashlib.sha256).hex()[:32]


def lasting_mac(purpose: str, body: bytes) -> str:
    """HMAC-SHA256 of what has to be proved true for as long as it is kept, under the key that never rotates."""
    return hmac.digest(keyring().person_key_secret, purpose.encode() + b"\x00" + body, hashlib.sha256).hex()


def is_proven(purpose: str, subject_id: UUID, proof: str) -> bool:
    return hmac.compare_digest(lasting_proof(purpose, subject_id).encode(), proof.encode())
