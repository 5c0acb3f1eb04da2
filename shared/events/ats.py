"""What `ats` tells the others."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, Event, Sealed
from shared.events.content import Criterion, DesirableSkill, RoleGrant
from shared.vocabulary import ContractKind, Management, Service, VacancyState


class EmployerChanged(Event):
    name: ClassVar[str] = "ats.employer_changed.v1"
    kind: ClassVar[Literal["state", "fact"]] = "state"
    aggregate: ClassVar[str] = "employer"
    employer_id: UUID
    version: int
    code: str
    title: str
    employer_kind: str
    tier: str | None = None
    parent_id: UUID | None = None
    successor_id: UUID | None = None
    valid_from: date
    valid_to: date | None = None
    latitude: float | None = None
    longitude: float | None = None


class SigningKeyPublished(Event):
    """A public key, at least 15 minutes before its first use (the first key of an instance is usable at once)."""

    name: ClassVar[str] = "ats.signing_key_published.v1"
    aggregate: ClassVar[str] = "key"
    key_id: UUID
    kid: str
    public_key_pem: str
    usable_from: datetime
    retired_at: datetime | None = None


class StaffContact(Sealed):
    name: str
    email: str


class StaffChanged(Event):
    """Who a member of staff is and what they may do, so that decisions can be recorded under their name."""

    name: ClassVar[str] = "ats.staff_changed.v1"
    kind: ClassVar[Literal["state", "fact"]] = "state"
    aggregate: ClassVar[str] = "staff"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {
        Service.CLEARING: StaffContact,
        Service.NOTIFICATIONS: StaffContact,
    }
    staff_id: UUID
    version: int
    is_active: bool
    grants: tuple[RoleGrant, ...]


class StaffSessionsEnded(Event):
    """Sign-out, or roles lost: sessions opened before `ended_at` (system clock) are over everywhere."""

    name: ClassVar[str] = "ats.staff_sessions_ended.v1"
    aggregate: ClassVar[str] = "staff"
    staff_id: UUID
    ended_at: datetime


class StaffInvited(Event):
    """An administrator asks somebody to choose a password. The link goes to that person alone.

    `employer_id` is for whom alone the person works; none where there are several, or the whole region.
    """

    name: ClassVar[str] = "ats.staff_invited.v1"
    aggregate: ClassVar[str] = "staff"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    staff_id: UUID
    employer_id: UUID | None = None
    expires_at: datetime


class PasswordResetRequested(Event):
    """Somebody asked for a new password by an account's address."""

    name: ClassVar[str] = "ats.password_reset_requested.v1"
    aggregate: ClassVar[str] = "staff"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    staff_id: UUID
    employer_id: UUID | None = None
    expires_at: datetime


class VacancyChanged(Event):
    """The whole of a vacancy as clearing needs it. `content_version` rises with what R21 calls a material change.

    `content_changed_at` is the instant of that rise: with it a restarted window opens at the same instant whatever
    the order in which the versions arrive.
    """

    name: ClassVar[str] = "ats.vacancy_changed.v1"
    kind: ClassVar[Literal["state", "fact"]] = "state"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    version: int
    content_version: int
    employer_id: UUID
    reference: str
    title: str
    state: VacancyState
    management: Management
    soc2020: str | None = None
    family: str | None = None
    scp_min: int | None = None
    scp_max: int | None = None
    salary_min_pence: int | None = None
    salary_max_pence: int | None = None
    pay_effective_from: date | None = None
    hours_per_week: str
    contract: ContractKind
    contract_months: int | None = None
    working_pattern: str | None = None
    office_days_per_week: int | None = None
    outcode: str
    starts_on: date | None = None
    openings: int
    openings_remaining: int
    essential: tuple[Criterion, ...] = ()
    desirable: tuple[DesirableSkill, ...] = ()
    entered_clearing_at: datetime | None = None
    content_changed_at: datetime | None = None
    clearing_exemption: str | None = None
    hiring_manager_id: UUID | None = None


class ApprovalRequested(Event):
    """Sent once per approver, so that each mail has its own fact; again as a reminder, which `reminder_no` counts."""

    name: ClassVar[str] = "ats.approval_requested.v1"
    aggregate: ClassVar[str] = "vacancy"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    vacancy_id: UUID
    employer_id: UUID
    approval_id: UUID
    approver_id: UUID
    vacancy_title: str
    reference: str
    reminder_no: int = 0


class ApprovalDecided(Event):
    name: ClassVar[str] = "ats.approval_decided.v1"
    aggregate: ClassVar[str] = "vacancy"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    vacancy_id: UUID
    employer_id: UUID
    approval_id: UUID
    requester_id: UUID
    decision: Literal["approved", "rejected"]
    vacancy_title: str
    reference: str


class VacancyPublished(Event):
    """A vacancy went live. What the public sees of it from then on is told by `ats.advert_listed` and those after."""

    name: ClassVar[str] = "ats.vacancy_published.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    reference: str
    title: str
    closes_at: datetime
    published_at: datetime


class OpeningReserved(Event):
    """An opening is held for a redeployee until `held_until`."""

    name: ClassVar[str] = "ats.opening_reserved.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    request_id: UUID
    referral_id: UUID
    opening_no: int
    held_until: datetime


class OpeningRefused(Event):
    name: ClassVar[str] = "ats.opening_refused.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    request_id: UUID
    referral_id: UUID
    reason: Literal["no_opening_left", "vacancy_not_open", "unknown_vacancy"]


class SettlingAsked(Event):
    """Embedded mode only: the business clock moved; run what is due and say how much is left."""

    name: ClassVar[str] = "ats.settling_asked.v1"
    aggregate: ClassVar[str] = "round"
    round_id: UUID
