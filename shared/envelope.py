"""What lies in Redis: plain JSON with an HMAC, so that whoever can write there still forges nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.sealing import Keyring
from shared.vocabulary import Service

VERSION = 1
# The two kinds of jobs in a service's queue: letters to it, and answers to letters of its own.
DELIVER = "deliver"
ACKNOWLEDGE = "acknowledge"
T = TypeVar("T", bound="Signed")


class Forged(Exception):
    """The signature is missing or wrong, or what it signs is not an envelope."""


class Signed(BaseModel):
    """Signed over the sorted JSON of its members. Readers ignore members that they do not know, but sign for them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: int = VERSION

    def signed_with(self, keys: Keyring) -> dict[str, Any]:
        body = self.model_dump(mode="json")
        kid, mac = keys.sign(_canonical(body))
        return {"body": body, "kid": kid, "mac": mac}

    @classmethod
    def checked(cls, found: Any, keys: Keyring) -> Self:
        """Read what `signed_with` wrote. Raises Forged."""
        match found:
            case {"body": dict() as body, "kid": str() as kid, "mac": str() as mac}:
                if not keys.is_signed(_canonical(body), kid=kid, mac=mac):
                    raise Forged("signature")
            case _:
                raise Forged("shape")
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            raise Forged(f"{error.error_count()} members are wrong") from None


class Envelope(Signed):
    """One attempt to deliver one event to one subscriber."""

    event_id: UUID
    name: str
    kind: str
    producer: Service
    subscriber: Service
    attempt: int
    redrives: int
    aggregate_id: UUID
    aggregate_version: int | None
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: str | None
    payload: dict[str, Any]
    sealed: str | None

    def __repr__(self) -> str:
        return f"Envelope({self.event_id}, {self.subscriber}, {self.attempt})"

    __str__ = __repr__


def job_id_of(event_id: UUID, subscriber: str, redrives: int, attempt: int) -> str:
    """A new one for each attempt: the queue refuses an id that it still remembers."""
    return f"{event_id}:{subscriber}:{redrives}.{attempt}"


def alone(job_id: str) -> str:
    """The job of a letter that was taken out of the job in which it came with others."""
    return f"{job_id}:alone"


class Answer(BaseModel):
    """`dead_reason` is None where the event was processed. It holds no personal data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: UUID
    redrives: int
    dead_reason: str | None = None


class Answers(Signed):
    """Acknowledgements, positive and negative, of one subscriber to one producer."""

    producer: Service
    subscriber: Service
    answers: tuple[Answer, ...]


def _canonical(body: Any) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
