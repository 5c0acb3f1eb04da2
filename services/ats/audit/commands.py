from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.models import AUDIT_ENTRIES, AuditEntry
from shared.many_rows import insert_rows


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision was about. `employer_id` is none where it is WME's own."""

    kind: str
    id: UUID
    employer_id: UUID | None


def write_audit(
    session: AsyncSession, action: str, subject: Subject, *, actor: Actor, at: datetime, reason: str | None = None
) -> None:
    """Note a decision in the transaction that makes it. `at` is the business instant."""
    session.add(AuditEntry(**_entry(action, subject, actor, at, reason)))


async def write_audits(
    session: AsyncSession, action: str, subjects: Sequence[Subject], *, actor: Actor, at: datetime
) -> None:
    """Note the same decision about many."""
    await insert_rows(session, AUDIT_ENTRIES, [_entry(action, each, actor, at, None) for each in subjects])


def _entry(action: str, subject: Subject, actor: Actor, at: datetime, reason: str | None) -> dict[str, Any]:
    return {
        "employer_id": subject.employer_id,
        "action": action,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "decided_at": at,
        "reason": reason,
    }
