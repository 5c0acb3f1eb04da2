from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.models import AuditEntry


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
    session.add(
        AuditEntry(
            employer_id=subject.employer_id,
            action=action,
            subject_kind=subject.kind,
            subject_id=subject.id,
            actor_kind=actor.kind,
            actor_id=actor.id,
            decided_at=at,
            reason=reason,
        )
    )
