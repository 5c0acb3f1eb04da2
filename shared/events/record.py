"""What the services tell of their own record."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.base import ContactWithLink, Event, Payload, Sealed
from shared.vocabulary import Service


class ImpossibleStates(Payload):
    """Once per person told: an administrator of the employer, or WME's where it has none."""

    aggregate: ClassVar[str] = "finding"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    finding_id: UUID
    employer_id: UUID | None
    found: int


class RecruitmentStatesFound(ImpossibleStates, Event):
    """The daily look found what the rules of recruitment never lead to."""

    name: ClassVar[str] = "ats.impossible_states_found.v1"


class ClearingStatesFound(ImpossibleStates, Event):
    """The daily look found what the rules of clearing never lead to."""

    name: ClassVar[str] = "clearing.impossible_states_found.v1"
