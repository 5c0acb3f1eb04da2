from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.orm import text_enum

STANDING = text("ended_at IS NULL")


class EndedHow(StrEnum):
    OFFERED = "offered"
    TAKEN_OFF = "taken_off"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    VACANCY_ENDED = "vacancy_ended"


class ReserveEntry(Base):
    """One person's place on the reserve list of a vacancy: ranks count from 1 without a gap while they stand.

    `interview_log_id` is the entry of the hiring log that the listing made; `skip_reason` says why an offer went to
    this person before those with an earlier rank.
    """

    __tablename__ = "reserve_entries"
    __table_args__ = (
        # Checked at the end of the transaction, so that ranks may change places within it.
        ExcludeConstraint(
            ("vacancy_id", "="),
            ("rank", "="),
            where=STANDING,
            using="btree",
            deferrable=True,
            initially="DEFERRED",
            name="ex_reserve_entries_rank",
        ),
        Index("uq_reserve_entries_one_standing", "application_id", unique=True, postgresql_where=STANDING),
        Index("ix_reserve_entries_until", "until", postgresql_where=STANDING),
        Index("ix_reserve_entries_untold", "tell_at", postgresql_where=text("told_at IS NULL AND ended_at IS NULL")),
        Index(None, "vacancy_id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    rank: Mapped[int] = mapped_column(SmallInteger)
    listed_at: Mapped[datetime]
    listed_by: Mapped[UUID | None]
    until: Mapped[datetime]
    tell_at: Mapped[datetime]
    told_at: Mapped[datetime | None] = mapped_column(default=None)
    interview_log_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    skip_reason: Mapped[str | None] = mapped_column(Text, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_how: Mapped[EndedHow | None] = mapped_column(text_enum(EndedHow), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
