"""The end of a case: once all have answered it is signed, and the person is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import SYSTEM
from services.ats.audit.commands import Subject, write_audit
from services.ats.privacy import exports, queries, rules
from services.ats.privacy.manifests import manifest_of, sign
from services.ats.privacy.models import CasePart, DataExport, DataSubjectCase
from services.ats.privacy.states import CaseKind
from shared import outbox
from shared.addresses import public_url
from shared.events.base import Contact, ContactWithLink
from shared.events.privacy import DataExportReady, DataSubjectCaseClosed
from shared.links import issue_link, link_url
from shared.personal_data import NOBODY
from shared.sealing import person_key
from shared.vocabulary import Service

LINK_PURPOSE = "data-export"


async def close_when_answered(session: AsyncSession, case: DataSubjectCase, *, now: datetime) -> bool:
    """False while an answer is missing. What the case held of the person goes with its end."""
    parts = await queries.parts_of(session, case.id)
    if case.closed_at is not None or any(part.answered_at is None for part in parts):
        return False
    contact = Contact(name=case.right_name or case.name or "", email=case.right_email or case.email or "")
    data = exports.data_of(parts) if case.kind is CaseKind.ACCESS else None
    sha256 = None if data is None else exports.sha256_of(data)
    manifest = manifest_of(case, parts, closed_at=now, export_sha256=sha256)
    case.manifest, case.signature = manifest, sign(manifest)
    case.closed_at = now
    if data is None:
        await _tell_closed(session, case, parts, contact, now=now)
    else:
        await _offer_export(session, case, parts, data, contact, now=now)
    for part in parts:
        part.records = None
    case.name = case.email = case.right_name = case.right_email = None
    if case.kind is CaseKind.ERASURE:
        case.person_key = person_key(f"{NOBODY} {case.id}")
    subject = Subject("data_subject_case", case.id, case.employer_id)
    write_audit(session, f"data_{case.kind.value}_done", subject, actor=SYSTEM, at=now)
    return True


async def _offer_export(
    session: AsyncSession,
    case: DataSubjectCase,
    parts: Sequence[CasePart],
    data: bytes,
    contact: Contact,
    *,
    now: datetime,
) -> None:
    expires_at = now + rules.EXPORT_KEPT
    body = exports.zip_of(parts, data, {"manifest": case.manifest, "signature": case.signature})
    session.add(DataExport(case_id=case.id, employer_id=case.employer_id, body=body, expires_at=expires_at))
    token = await issue_link(
        session, purpose=LINK_PURPOSE, subject_id=case.id, employer_id=case.employer_id, expires_at=expires_at
    )
    sealed = ContactWithLink(name=contact.name, email=contact.email, link=link_url(public_url(Service.ATS), token))
    ready = DataExportReady(case_id=case.id, employer_id=case.employer_id, expires_at=expires_at)
    await outbox.record(session, ready, now=now, sealed={Service.NOTIFICATIONS: sealed})


async def _tell_closed(
    session: AsyncSession, case: DataSubjectCase, parts: Sequence[CasePart], contact: Contact, *, now: datetime
) -> None:
    closed = DataSubjectCaseClosed(
        case_id=case.id,
        employer_id=case.employer_id,
        case_kind="erasure" if case.kind is CaseKind.ERASURE else "rectification",
        is_something_kept=any(part.kept for part in parts),
    )
    await outbox.record(session, closed, now=now, sealed={Service.NOTIFICATIONS: contact})
