"""Under which key an answer is kept, and how it is sealed. See the package's words for why."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.ats.equality.questions import CONSENT_VERSION
from services.ats.equality.rules import Counts, Quarter, Scope
from shared.sealing import NONCE_BYTES, KeysNotInstalled, keyring

# More than the longest set of answers: every row is as long as every other.
PADDED_BYTES = 1024
# The counts of a quarter are as long as every other's of about as many employers and families.
PADDED_COUNTS_BYTES = 65536


def key_of(vacancy_id: UUID, application_id: UUID) -> bytes:
    """The key of one application's answers: 32 bytes."""
    return _made_of(_made_of(_secret(), b"vacancy", vacancy_id.bytes), b"application", application_id.bytes)


def seal(answers: Mapping[str, str], *, key: bytes, consented_on: date) -> bytes:
    """The answers and the consent to them, for the row with this key only."""
    content = {"answers": dict(answers), "consent": CONSENT_VERSION, "consented_on": consented_on.isoformat()}
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, json.dumps(content).encode().ljust(PADDED_BYTES), key)


def unseal(sealed: bytes, *, key: bytes) -> Mapping[str, str]:
    """The answers alone. Raises InvalidTag for another row's, or under another secret."""
    return json.loads(_cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key))["answers"]


def seal_counts(counted: Mapping[str, Counts], *, quarter: Quarter) -> bytes:
    """The counts of a quarter, for its row only."""
    content = json.dumps(
        {
            question_id: [
                [str(scope.employer_id) if scope.employer_id else None, scope.family, group, place, count]
                for (scope, group, place), count in counts.items()
            ]
            for question_id, counts in counted.items()
        }
    ).encode()
    nonce = os.urandom(NONCE_BYTES)
    padded = content.ljust(-(-len(content) // PADDED_COUNTS_BYTES) * PADDED_COUNTS_BYTES)
    return nonce + _cipher(b"held counts").encrypt(nonce, padded, str(quarter).encode())


def unseal_counts(sealed: bytes, *, quarter: Quarter) -> Mapping[str, Counts]:
    """Raises InvalidTag for another quarter's, or under another secret."""
    opened = _cipher(b"held counts").decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], str(quarter).encode())
    return {
        question_id: {
            (Scope(UUID(employer) if employer else None, family), group, place): count
            for employer, family, group, place, count in counts
        }
        for question_id, counts in json.loads(opened).items()
    }


def _cipher(purpose: bytes = b"answers") -> AESGCM:
    return AESGCM(_made_of(_secret(), purpose, b""))


def _made_of(secret: bytes, purpose: bytes, what: bytes) -> bytes:
    return hmac.digest(secret, purpose + b"\0" + what, hashlib.sha256)


def _secret() -> bytes:
    secret = keyring().equality_secret
    if secret is None:
        raise KeysNotInstalled("EQUALITY_SECRET is for ats alone")
    return secret
