"""What events are made of that is more than a plain value: criteria, wished skills, roles held."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from shared.events.base import Payload
from shared.vocabulary import CriterionKind, Role


class Criterion(Payload):
    """One essential criterion (clearing R28). Only the members of its kind are given."""

    criterion_id: str
    kind: CriterionKind
    text: str
    trainable: bool = False
    weeks_to_train: int | None = None
    level: int | None = None
    subjects: tuple[str, ...] = ()
    registration_code: str | None = None
    skill_id: str | None = None
    families: tuple[str, ...] = ()
    soc_codes: tuple[str, ...] = ()
    months: int | None = None


class DesirableSkill(Payload):
    skill_id: str
    level: int = Field(ge=1, le=3)
    weight: int = Field(ge=1, le=3)


class RoleGrant(Payload):
    role: Role
    employer_id: UUID | None = None
