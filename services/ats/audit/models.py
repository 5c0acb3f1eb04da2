from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.audit.actor import ActorKind
from services.ats.base import Base
from shared.audit_trail import declare_trail
from shared.orm import table_of, text_enum


class AuditEntry(Base):
    """One decision. Rows are only ever added: a trigger and the grants refuse the rest.

    `employer_id` is none where the decision is WME's own, and then the region alone reads it.
    `reason` is a code or a decider's own words about a vacancy; words about a person are not kept here.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject_id", "id"), Index(None, "employer_id", "id"))

    employer_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[UUID]
    actor_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    actor_id: Mapped[UUID | None]
    decided_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text, default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, init=False)


AUDIT_ENTRIES = table_of(AuditEntry)
TRAIL = declare_trail(Base.metadata, AUDIT_ENTRIES)
