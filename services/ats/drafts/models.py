from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class ApplicationDraft(Base):
    """What one person has typed of an application, whether or not it could be sent so.

    No employer reads it, the advertiser neither: only its person by a link, and the system that sent it. Once it is
    sent, it is emptied and says which application it became.
    """

    __tablename__ = "application_drafts"
    __table_args__ = (
        Index(None, "vacancy_id", "id"),
        Index(None, "person_key", "begun_at"),
        Index(None, "application_id"),
    )

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    # Whose advert it is. Not called employer_id: that employer may not read the row.
    advertiser_id: Mapped[UUID]
    email: Mapped[str] = mapped_column(String(320))
    person_key: Mapped[str] = mapped_column(String(64))
    # Members of an application, of any validity.
    typed: Mapped[dict[str, Any]]
    # Of the form that was shown last.
    form_version: Mapped[int]
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    source_client_id: Mapped[UUID | None] = mapped_column(default=None)
    # Of the board, when it was begun: where the candidate opens their links.
    link_address: Mapped[str | None] = mapped_column(String(300), default=None)
    reminded_at: Mapped[datetime | None] = mapped_column(default=None)
    application_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), default=None
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
