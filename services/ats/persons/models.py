from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.persons.states import LinkReason, LinkVerdict
from shared.orm import text_enum


class PersonLink(Base):
    """What one employer decided of two addresses, by their person keys in order, until it is taken back.

    Applications keep their own keys: who is one person is worked out from the links that are in force. The two
    applications are those that were compared, in the order of the keys.
    """

    __tablename__ = "person_links"
    __table_args__ = (
        Index(
            "uq_person_links_one_in_force",
            "employer_id",
            "first_key",
            "second_key",
            unique=True,
            postgresql_where="undone_at IS NULL",
        ),
        Index(None, "employer_id", "decided_at", "id"),
        Index(None, "first_key"),
        Index(None, "second_key"),
    )

    employer_id: Mapped[UUID]
    first_key: Mapped[str] = mapped_column(String(64))
    second_key: Mapped[str] = mapped_column(String(64))
    first_application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    second_application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    verdict: Mapped[LinkVerdict] = mapped_column(text_enum(LinkVerdict))
    reason: Mapped[LinkReason] = mapped_column(text_enum(LinkReason))
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(default=None)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undo_reason: Mapped[LinkReason | None] = mapped_column(text_enum(LinkReason), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
