"""Who does something, as the audit and the hiring log name them: a kind and an id, never a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.principals import Principal, PrincipalKind


class ActorKind(StrEnum):
    STAFF = "staff"
    CLIENT = "client"
    CANDIDATE = "candidate"
    CLEARING = "clearing"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: UUID | None = None

    @classmethod
    def of(cls, caller: Principal) -> Self:
        """The person who decides where one is known, else the client that called; nobody's id: the command line."""
        if caller.staff_id is not None:
            return cls(ActorKind.STAFF, caller.staff_id)
        if caller.id is None:
            return cls(ActorKind.SYSTEM)
        kind = ActorKind.CANDIDATE if caller.kind is PrincipalKind.LINK else ActorKind.CLIENT
        return cls(kind, caller.id)

    @classmethod
    def by_staff(cls, staff_id: UUID) -> Self:
        return cls(ActorKind.STAFF, staff_id)


SYSTEM = Actor(ActorKind.SYSTEM)
CLEARING = Actor(ActorKind.CLEARING)
