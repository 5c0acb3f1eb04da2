from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class InterviewCap(Base):
    """So many guaranteed interviews and no more, for one vacancy: those with the best scores of who qualifies.

    The newest counts; who decided it, when and why stays.
    """

    __tablename__ = "interview_caps"
    __table_args__ = (CheckConstraint("most >= 1", name="leaves_somebody"),)

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"), index=True)
    most: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
