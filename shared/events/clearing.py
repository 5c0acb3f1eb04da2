"""What `clearing` tells the others."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, ContactWithReasons, Event, Sealed
from shared.vocabulary import Service


class WindowOpened(Event):
    name: ClassVar[str] = "clearing.window_opened.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    window_id: UUID
    content_version: int
    opened_at: datetime
    closes_at: datetime
    matched: int


class VacancyReleased(Event):
    """The only key that lets `ats` leave `in_clearing` (design section 4)."""

    name: ClassVar[str] = "clearing.vacancy_released.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    window_id: UUID
    content_version: int
    released_at: datetime
    reason: Literal["nobody_matched", "no_eligible_interest", "all_outcomes_given", "exempt"]


class DutyOpened(Event):
    """A statutory offer duty (R12) revokes a clearance until HR records its outcome."""

    name: ClassVar[str] = "clearing.duty_opened.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    duty_id: UUID
    opened_at: datetime


class MatchSuggested(Event):
    name: ClassVar[str] = "clearing.match_suggested.v1"
    aggregate: ClassVar[str] = "match"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    match_id: UUID
    registration_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    vacancy_title: str
    employer_name: str
    closes_at: datetime
    approved_at: datetime


class ReferredProfile(Sealed):
    """Who is referred, for the gaining side (R54: from interest on)."""

    name: str
    email: str
    profile: str


class Referred(Event):
    """The home council refers somebody. `ats` makes an application of it, once per referral."""

    name: ClassVar[str] = "clearing.referred.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {
        Service.ATS: ReferredProfile,
        Service.NOTIFICATIONS: Contact,
    }
    referral_id: UUID
    vacancy_id: UUID
    registration_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    referred_at: datetime


class ReferralOutcomeRecorded(Event):
    """How an interest went on, with reasons by criterion in the sealed part (R19, R31).

    `was_referred` is false where it ended before the home council referred it: the gaining side never knew of it.
    `is_unmailed` where nobody is to be written to any more.
    """

    name: ClassVar[str] = "clearing.referral_outcome_recorded.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithReasons}
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    was_referred: bool = True
    is_unmailed: bool = False
    outcome: Literal[
        "not_referred",
        "not_shortlisted",
        "interview_offered",
        "interviewed",
        "not_appointed",
        "withdrawn",
        "vacancy_closed",
    ]
    decided_at: datetime


class InterviewAwaited(Event):
    """R30a: more are interested than can be seen; this person waits, and is told where they stand."""

    name: ClassVar[str] = "clearing.interview_awaited.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    place: int


class OpeningRequested(Event):
    """Clearing asks for an opening before it makes a redeployment offer (design section 4)."""

    name: ClassVar[str] = "clearing.opening_requested.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    gaining_employer_id: UUID
    request_id: UUID
    referral_id: UUID
    reply_by: datetime


class OpeningReturned(Event):
    """The redeployment offer was refused, lapsed or withdrawn: the reservation ends.

    `was_offered` is false where it was withdrawn before any offer went out: nobody was ever offered anything.
    """

    name: ClassVar[str] = "clearing.opening_returned.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    gaining_employer_id: UUID
    request_id: UUID
    referral_id: UUID
    reason: Literal["refused", "lapsed", "withdrawn", "trial_failed"]
    was_offered: bool = True


class RedeploymentOffered(Event):
    name: ClassVar[str] = "clearing.redeployment_offered.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    reply_by: datetime
    offered_at: datetime


class RedeploymentOfferEnded(Event):
    """An offer came to nothing, and the person is told: they refused it, silence let it lapse (R34), or the council
    withdrew it. Cancelled: an accepted post that the person left before its first day, with the register.
    """

    name: ClassVar[str] = "clearing.redeployment_offer_ended.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithReasons}
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    ending: Literal["refused", "lapsed", "withdrawn", "cancelled"]
    ended_at: datetime


class RedeploymentAccepted(Event):
    name: ClassVar[str] = "clearing.redeployment_accepted.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    referral_id: UUID
    request_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    starts_on: date
    accepted_at: datetime


class TrialStarted(Event):
    name: ClassVar[str] = "clearing.trial_started.v1"
    aggregate: ClassVar[str] = "trial"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    trial_id: UUID
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    starts_on: date
    ends_on: date


class TrialReminderDue(Event):
    """Days 14, 21 and 26 of a trial (R42)."""

    name: ClassVar[str] = "clearing.trial_reminder_due.v1"
    aggregate: ClassVar[str] = "trial"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    trial_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    day: int
    ends_on: date


class TrialEnded(Event):
    """`is_unmailed` where nobody is to be written to any more."""

    name: ClassVar[str] = "clearing.trial_ended.v1"
    aggregate: ClassVar[str] = "trial"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    trial_id: UUID
    referral_id: UUID
    vacancy_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    ended_on: date
    ended_by: Literal["employee", "employer"]
    is_unmailed: bool = False


class PlacementConfirmed(Event):
    """The redeployment stands: trial confirmed, or no trial needed. Its saving is counted once, here (4.6)."""

    name: ClassVar[str] = "clearing.placement_confirmed.v1"
    aggregate: ClassVar[str] = "referral"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    referral_id: UUID
    request_id: UUID
    vacancy_id: UUID
    registration_id: UUID
    home_employer_id: UUID
    gaining_employer_id: UUID
    vacancy_title: str
    starts_on: date
    confirmed_at: datetime


class ClearingSettled(Event):
    """Embedded mode only: the answer to `ats.settling_asked`."""

    name: ClassVar[str] = "clearing.settled.v1"
    aggregate: ClassVar[str] = "round"
    round_id: UUID
    backlog: int
    activity: int
