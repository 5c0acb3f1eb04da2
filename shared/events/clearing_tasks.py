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


class OutcomesWanted(Event):
    """The gaining council has let five working days pass since its window closed, and people wait for an outcome (R19).
    Once per window and per person asked: the hiring manager and HR.
    """

    name: ClassVar[str] = "clearing.outcomes_wanted.v1"
    aggregate: ClassVar[str] = "window"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    window_id: UUID
    vacancy_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    due_at: datetime
    waiting: int


class ReopeningChoiceWanted(Event):
    """A filled post has an opening again: its council chooses a fresh window or the advert. Once per window and per
    person asked: the hiring manager and HR.
    """

    name: ClassVar[str] = "clearing.reopening_choice_wanted.v1"
    aggregate: ClassVar[str] = "window"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    window_id: UUID
    vacancy_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str


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
