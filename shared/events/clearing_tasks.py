"""What `clearing` asks of people at the councils: the next step is theirs. Once per person asked."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, Event, Sealed
from shared.vocabulary import Service


class ReviewWanted(Event):
    """Somebody is interested; the home council's HR looks before it refers. Once per HR contact, and once more where
    nobody has by the end of their two working days.
    """

    name: ClassVar[str] = "clearing.review_wanted.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    vacancy_title: str
    due_at: datetime
    is_overdue: bool = False


class OfferFollowUpWanted(Event):
    """The home council's HR: make contact after a silence (R34), or open the case of a refusal (R35). Once per HR
    contact.
    """

    name: ClassVar[str] = "clearing.offer_follow_up_wanted.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    vacancy_title: str
    ending: Literal["refused", "lapsed", "withdrawn", "cancelled"]
