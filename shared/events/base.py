"""What every event has: a wire name, an aggregate, and who may read it."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.vocabulary import Service


class Payload(BaseModel):
    """Frozen and additive: a reader ignores members that it does not know yet."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Sealed(Payload):
    """What only a message or a profile needs. Travels encrypted, for the named subscriber alone.

    No repr: it holds personal data.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


EMPLOYERS_CONCERNED = frozenset({"employer_id", "home_employer_id", "gaining_employer_id"})


class Event(Payload):
    """A fact in the past tense.

    `kind` is `state` for a snapshot that replaces an older copy (an older `version` is ignored by its reader) and
    `fact` for something that is told, counted or logged once, whatever the order.
    `sealed_for` names the subscribers that get a sealed part, and its shape.
    """

    name: ClassVar[str]
    kind: ClassVar[Literal["state", "fact"]] = "fact"
    aggregate: ClassVar[str]
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {}

    @property
    def aggregate_id(self) -> UUID:
        return getattr(self, f"{self.aggregate}_id")

    @property
    def aggregate_version(self) -> int | None:
        return getattr(self, "version", None) if self.kind == "state" else None

    @property
    def readers(self) -> frozenset[UUID]:
        """The employers whose systems may read this event in the event log."""
        found = [getattr(self, field) for field in EMPLOYERS_CONCERNED if field in type(self).model_fields]
        return frozenset(each for each in found if each is not None)


class Contact(Sealed):
    """Where to write to one person, and how to greet them."""

    name: str
    email: str


class ContactWithLink(Contact):
    """A contact and the signed link that the message carries."""

    link: str


class ContactWithReasons(Contact):
    """A contact and the human reasons that the person is owed."""

    reasons: str
