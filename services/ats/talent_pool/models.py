from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class PoolInvitation(Base):
    """That somebody of the pool is to be invited to a vacancy: once. `employer_id` is who invites.

    `settled_at`: it was looked at. Whether a message went out, and so whether the person has applied, is not kept: an
    employer would read it here before it may know who applied.
    """

    __tablename__ = "pool_invitations"
    __table_args__ = (
        UniqueConstraint("vacancy_id", "member_id"),
        Index("ix_pool_invitations_unsettled", "invited_at", postgresql_where=text("settled_at IS NULL")),
        Index(None, "member_id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("ats.pool_members.id", ondelete="CASCADE"))
    invited_by: Mapped[UUID | None]
    invited_at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
