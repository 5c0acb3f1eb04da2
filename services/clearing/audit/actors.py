"""Who did something: a named member of staff, a council's system, the person concerned, or the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self
from uuid import UUID

from services.clearing.audit.models import ActorKind
from shared.errors import Forbidden
from shared.principals import Principal


class NotYourDecision(Forbidden):
    """The other council of a referral may read it, but this step is not for it."""

    code: ClassVar[str] = "not_your_decision"
    title: ClassVar[str] = "This is for the other council to decide"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the member of staff, client or registration; `caller_id` is who held the connection (R49's reader)."""

    kind: ActorKind
    id: UUID | None = None
    caller_id: UUID | None = None
    employer_ids: frozenset[UUID] = frozenset()
    is_region: bool = False

    @classmethod
    def of(cls, principal: Principal) -> Self:
        if principal.staff_id is not None:
            return cls(
                ActorKind.STAFF,
                principal.staff_id,
                principal.id,
                principal.employer_ids,
                is_region=principal.is_region,
            )
        if principal.subject_id is not None:
            return cls(ActorKind.PERSON, principal.subject_id, principal.id)
        return cls(ActorKind.CLIENT, principal.id, principal.id, principal.employer_ids, is_region=principal.is_region)

    @property
    def staff_id(self) -> UUID | None:
        return self.id if self.kind is ActorKind.STAFF else None

    def reaches(self, employer_id: UUID) -> bool:
        """Whether this actor may enter something for that employer; deciding for it asks more (`must_act_for`)."""
        return self.is_region or employer_id in self.employer_ids

    def must_act_for(self, employer_id: UUID) -> None:
        """Raises NotYourDecision unless this actor decides for that employer."""
        if employer_id not in self.employer_ids:
            raise NotYourDecision


SYSTEM = Actor(ActorKind.SYSTEM)
