from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOIDED = "voided"
    """The content was changed before anyone decided."""


class Approval(Base):
    """One request for approval of one content, and its decision. `content_hash` says of which content.

    An attested approval was given in the council's own system: `attested_by` is the post that gave it, not a name.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        Index("uq_approvals_one_pending", "vacancy_id", unique=True, postgresql_where="state = 'pending'"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    state: Mapped[ApprovalState] = mapped_column(text_enum(ApprovalState), default=ApprovalState.PENDING)
    decided_by: Mapped[UUID | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(Text, default=None)
    is_attested: Mapped[bool] = mapped_column(default=False)
    attested_by: Mapped[str | None] = mapped_column(String(120), default=None)
    attested_reference: Mapped[str | None] = mapped_column(String(120), default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
