"""A person's request about their own data, and what each service answers: one case across the three."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from shared.events.base import Contact, ContactWithLink, Event, Payload, Sealed
from shared.vocabulary import Service

CaseKind = Literal["access", "rectification", "erasure"]


class CaseSubject(Sealed):
    """By which address the person is known; of a rectification, what is right."""

    email: str
    right_name: str | None = None
    right_email: str | None = None


class CaseRecords(Sealed):
    """What a service holds of a person, by table. Empty unless the case is one of access."""

    records: dict[str, list[dict[str, Any]]]


class DataSubjectCaseOpened(Event):
    """Somebody asks what is held of them, or to have it put right or erased. Asked again while an answer is missing.

    None for the employer: of all of them. `held_for`: employers that must keep what they have (a legal hold).
    """

    name: ClassVar[str] = "ats.data_subject_case_opened.v1"
    aggregate: ClassVar[str] = "case"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {
        Service.CLEARING: CaseSubject,
        Service.NOTIFICATIONS: CaseSubject,
    }
    case_id: UUID
    employer_id: UUID | None
    case_kind: CaseKind
    due_at: datetime
    held_for: tuple[UUID, ...] = ()


class CaseAnswer(Payload):
    """Rows by table that a service held and changed, and what it kept by reason."""

    aggregate: ClassVar[str] = "case"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.ATS: CaseRecords}
    case_id: UUID
    employer_id: UUID | None
    held: dict[str, int]
    changed: dict[str, int]
    kept: dict[str, int]
    answered_at: datetime


class ClearingCaseAnswered(CaseAnswer, Event):
    """What `clearing` held of a person and did about it."""

    name: ClassVar[str] = "clearing.data_subject_case_answered.v1"


class NotificationsCaseAnswered(CaseAnswer, Event):
    """What `notifications` held of a person and did about it."""

    name: ClassVar[str] = "notifications.data_subject_case_answered.v1"


class DataExportReady(Event):
    """Everything that is held of a person lies ready behind a link that works once."""

    name: ClassVar[str] = "ats.data_export_ready.v1"
    aggregate: ClassVar[str] = "case"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: ContactWithLink}
    case_id: UUID
    employer_id: UUID | None
    expires_at: datetime


class DataSubjectCaseClosed(Event):
    """All services have put a person's data right, or erased it."""

    name: ClassVar[str] = "ats.data_subject_case_closed.v1"
    aggregate: ClassVar[str] = "case"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: Contact}
    case_id: UUID
    employer_id: UUID | None
    case_kind: Literal["rectification", "erasure"]
    is_something_kept: bool
