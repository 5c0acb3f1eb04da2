from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.audit.actor import ActorKind
from services.ats.base import Base
from services.ats.files.kinds import DocumentKind
from shared.orm import text_enum


class DocumentState(StrEnum):
    """Every document is in quarantine until it is clean."""

    PENDING = "pending"
    CLEAN = "clean"
    MALICIOUS = "malicious"
    """Its content is purged."""
    UNAVAILABLE = "unavailable"
    """It could not be scanned yet, and will be tried again."""


class Document(Base):
    """A file of a candidate. Its content lies in the store under a random name that says nothing.

    Without an application it was sent ahead of one, and is forgotten if none comes; of a draft, it lives as long as
    the draft. `copy_key` is the content without what it says of who made it, where that differs. `next_scan_at` and
    `stored_at` go by the database's own clock.
    """

    __tablename__ = "documents"
    __table_args__ = (
        Index(None, "application_id", "stored_at", "id"),
        Index(None, "person_key"),
        Index("ix_documents_draft_id", "draft_id", postgresql_where="draft_id IS NOT NULL"),
        Index("ix_documents_due", "next_scan_at", postgresql_where="next_scan_at IS NOT NULL"),
        Index("ix_documents_unclaimed", "stored_at", postgresql_where="application_id IS NULL"),
        Index(None, "storage_key", unique=True),
        Index(None, "copy_key", unique=True),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID]
    file_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[DocumentKind] = mapped_column(text_enum(DocumentKind))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(40))
    uploaded_at: Mapped[datetime]
    uploaded_by_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    uploaded_by: Mapped[UUID | None]
    copy_key: Mapped[str | None] = mapped_column(String(40), default=None)
    application_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), default=None
    )
    draft_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("ats.application_drafts.id", ondelete="CASCADE"), default=None
    )
    person_key: Mapped[str | None] = mapped_column(String(64), default=None)
    state: Mapped[DocumentState] = mapped_column(text_enum(DocumentState), default=DocumentState.PENDING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_scan_at: Mapped[datetime | None] = mapped_column(server_default=func.clock_timestamp(), init=False)
    scanned_at: Mapped[datetime | None] = mapped_column(default=None)
    # What the scanner calls it.
    finding: Mapped[str | None] = mapped_column(String(200), default=None)
    stored_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
