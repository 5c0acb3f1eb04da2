from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, String, false, func
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.audit.actor import ActorKind
from services.ats.base import Base
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from shared.orm import text_enum
from shared.vocabulary import HiringRoute


class HiringLogEntry(Base):
    """One step of one vacancy, or of one of its openings. Never changed: a correction is a new entry.

    A correction names the entry whose place it takes; one that `takes_back` says that the step did not happen. The
    entry corrected stays, and a replay of the days before shows it.

    `occurred_at` is when it happened (business), `recorded_at` when we were told (system): a past day can be replayed.
    """

    __tablename__ = "hiring_log"
    __table_args__ = (
        Index(None, "vacancy_id", "id"),
        Index(None, "employer_id", "occurred_at"),
        Index("uq_hiring_log_corrects_id", "corrects_id", unique=True, postgresql_where="corrects_id IS NOT NULL"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID]
    event: Mapped[HiringEvent] = mapped_column(text_enum(HiringEvent))
    occurred_at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    actor_id: Mapped[UUID | None]
    source: Mapped[LogSource] = mapped_column(text_enum(LogSource))
    opening_no: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    application_id: Mapped[UUID | None] = mapped_column(default=None)
    route: Mapped[HiringRoute | None] = mapped_column(text_enum(HiringRoute), default=None)
    # Of a release: why clearing let the vacancy go. Of what a monthly return tells: which one.
    reason: Mapped[str | None] = mapped_column(String(40), default=None)
    corrects_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    takes_back: Mapped[bool] = mapped_column(server_default=false(), default=False)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, init=False)
