"""What `ats` tells of an application on its way to a hire."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, Event, Sealed
from shared.vocabulary import HiringRoute, Service


class PanelMemberNamed(Event):
    """Somebody sits on a vacancy's panel from now on."""

    name: ClassVar[str] = "ats.panel_member_named.v1"
    aggregate: ClassVar[str] = "vacancy"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    vacancy_id: UUID
    employer_id: UUID
    member_id: UUID
    vacancy_title: str
    reference: str
    is_lead: bool


class ApplicationReceived(Event):
    name: ClassVar[str] = "ats.application_received.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    reference: str
    vacancy_title: str
    is_candidate_hidden: bool = False


class CandidateLinkRequested(Event):
    """A candidate asked for a new link to their own page."""

    name: ClassVar[str] = "ats.candidate_link_requested.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    expires_at: datetime
    is_candidate_hidden: bool = False


class DraftContact(ContactWithLink):
    """Where a link to a draft goes, and to which advert. No employer reads who has begun an application."""

    vacancy_title: str
    employer: str


class DraftLinkWanted(Event):
    """Somebody began an application, or asked for a new link to it, or has not sent it shortly before the closing."""

    name: ClassVar[str] = "ats.draft_link_wanted.v1"
    aggregate: ClassVar[str] = "draft"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: DraftContact}
    draft_id: UUID
    wanted_for: Literal["begun", "asked", "reminder"]
    closes_at: datetime
    expires_at: datetime


class ApplicationShortlisted(Event):
    name: ClassVar[str] = "ats.application_shortlisted.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str


class ApplicationRejected(Event):
    name: ClassVar[str] = "ats.application_rejected.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    after_interview: bool
    was_shortlisted: bool = False
    is_candidate_hidden: bool = False


class ApplicationRejectionUndone(Event):
    """A rejection that was told was taken back. Its message is stopped where it has not left, else we apologise."""

    name: ClassVar[str] = "ats.application_rejection_undone.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    rejection_event_id: UUID | None = None
    is_candidate_hidden: bool = False


class ApplicationClosed(Event):
    """The vacancy, or its reserve list, ended while this candidate still waited for an answer."""

    name: ClassVar[str] = "ats.application_closed.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    reason: Literal["post_filled", "post_withdrawn", "no_appointment", "reserve_list_ended"]
    is_candidate_hidden: bool = False


class DocumentRefused(Event):
    """A scanner found a candidate's document to be harmful. It is deleted."""

    name: ClassVar[str] = "ats.document_refused.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    document_id: UUID
    vacancy_title: str
    is_candidate_hidden: bool = False


class ApplicationWithdrawn(Event):
    """Told to the candidate as a confirmation."""

    name: ClassVar[str] = "ats.application_withdrawn.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    is_candidate_hidden: bool = False


class OfferMade(Event):
    name: ClassVar[str] = "ats.offer_made.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    offer_id: UUID
    vacancy_title: str
    salary_pence: int
    reply_by: datetime
    replaces_offer_id: UUID | None = None


class OfferApprovalWanted(Event):
    """Pay outside the grade. Sent once per approver, so that each mail has its own fact."""

    name: ClassVar[str] = "ats.offer_approval_wanted.v1"
    aggregate: ClassVar[str] = "vacancy"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    offer_id: UUID
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    approver_id: UUID
    vacancy_title: str
    reference: str


class OfferApprovalDecided(Event):
    """Whoever made the offer hears whether it went out."""

    name: ClassVar[str] = "ats.offer_approval_decided.v1"
    aggregate: ClassVar[str] = "vacancy"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    offer_id: UUID
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    maker_id: UUID
    decision: Literal["approved", "refused"]
    vacancy_title: str
    reference: str


class OtherApplicationSettled(Event):
    """Who accepted an offer had this application with the same employer too, and its policy settles it."""

    name: ClassVar[str] = "ats.other_application_settled.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    accepted_application_id: UUID
    vacancy_title: str
    accepted_title: str
    how: Literal["asked", "withdrawn"]
    is_candidate_hidden: bool = False


class OfferLapsed(Event):
    """Nobody answered by the reply-by: the opening is free again."""

    name: ClassVar[str] = "ats.offer_lapsed.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    offer_id: UUID
    vacancy_title: str
    reply_by: datetime


class OfferWithdrawn(Event):
    name: ClassVar[str] = "ats.offer_withdrawn.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    offer_id: UUID
    vacancy_title: str


class CandidateCleared(Event):
    """Every check is done: the start can be confirmed."""

    name: ClassVar[str] = "ats.candidate_cleared.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    starts_on: date


class CandidateHired(Event):
    name: ClassVar[str] = "ats.candidate_hired.v1"
    aggregate: ClassVar[str] = "application"
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    opening_no: int
    route: HiringRoute
    starts_on: date


class CandidateUnhired(Event):
    """A hire was taken back. What follows for the vacancy comes with its own state."""

    name: ClassVar[str] = "ats.candidate_unhired.v1"
    aggregate: ClassVar[str] = "application"
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    opening_no: int
    reason: str
    is_opening_free: bool


class StartConfirmed(Event):
    name: ClassVar[str] = "ats.start_confirmed.v1"
    aggregate: ClassVar[str] = "application"
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    opening_no: int
    started_on: date


class RetentionNoticeGiven(Event):
    """Who somebody was is forgotten soon after this day, unless a legal hold keeps it."""

    name: ClassVar[str] = "ats.retention_notice_given.v1"
    aggregate: ClassVar[str] = "application"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    application_id: UUID
    vacancy_id: UUID
    employer_id: UUID
    vacancy_title: str
    kept_until: date
