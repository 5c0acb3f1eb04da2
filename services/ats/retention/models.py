from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.retention.states import RecordKind
from shared.orm import text_enum


class RetentionPolicy(Base):
    """For how many months an employer keeps one kind of record, from `valid_from` on. Never changed.

    Of two for the same day the later one stands.
    """

    __tablename__ = "retention_policies"
    __table_args__ = (Index(None, "employer_id", "record_kind", "valid_from"),)

    employer_id: Mapped[UUID]
    record_kind: Mapped[RecordKind] = mapped_column(text_enum(RecordKind))
    months: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    notice_days: Mapped[int] = mapped_column(SmallInteger)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class RetentionNotice(Base):
    """That a candidate was told when they are forgotten, so that they can fetch what they want to keep."""

    __tablename__ = "retention_notices"
    __table_args__ = (Index(None, "employer_id"),)

    employer_id: Mapped[UUID]
    told_on: Mapped[date]
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), primary_key=True
    )


class RetentionRun(Base):
    """That one employer's records of one kind were looked through on a day, and how many were forgotten."""

    __tablename__ = "retention_runs"

    months: Mapped[int] = mapped_column(SmallInteger)
    employer_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_kind: Mapped[RecordKind] = mapped_column(text_enum(RecordKind), primary_key=True)
    ran_on: Mapped[date] = mapped_column(primary_key=True)
    forgotten: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
