from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.hires.states import LeavingReason, UnhireReason
from shared.orm import text_enum
from shared.vocabulary import HiringRoute


class Hire(Base):
    """One hire of one candidate, until it is undone. `starts_on` is the first day, agreed and then confirmed.

    `hired_log_id` and `started_log_id` are its entries of the hiring log, which taking it back corrects. Displaced
    staff who are placed by clearing have none: their trial stands for it.
    """

    __tablename__ = "hires"
    __table_args__ = (
        Index("uq_hires_one_in_force", "application_id", unique=True, postgresql_where="undone_at IS NULL"),
        Index(None, "employer_id", "starts_on"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id"))
    opening_no: Mapped[int] = mapped_column(SmallInteger)
    route: Mapped[HiringRoute] = mapped_column(text_enum(HiringRoute))
    starts_on: Mapped[date]
    hired_at: Mapped[datetime]
    hired_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    hired_log_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    started_log_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    start_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    start_confirmed_by: Mapped[UUID | None] = mapped_column(default=None)
    no_show_at: Mapped[datetime | None] = mapped_column(default=None)
    left_on: Mapped[date | None] = mapped_column(default=None)
    leaving_reason: Mapped[LeavingReason | None] = mapped_column(text_enum(LeavingReason), default=None)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[UUID | None] = mapped_column(default=None)
    unhire_reason: Mapped[UnhireReason | None] = mapped_column(text_enum(UnhireReason), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
