from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.selection_policy.schemes import OtherApplications
from shared.orm import text_enum


class SelectionPolicy(Base):
    """An employer's policy from the local day `valid_from` on, until a later one begins."""

    __tablename__ = "selection_policies"
    __table_args__ = (UniqueConstraint("employer_id", "valid_from"),)

    employer_id: Mapped[UUID]
    valid_from: Mapped[date]
    requires_panel: Mapped[bool]
    guaranteed_interviews: Mapped[list[Any]]
    rejection_delay_minutes: Mapped[int]
    rejects_knock_outs: Mapped[bool] = mapped_column(server_default=text("false"))
    other_applications: Mapped[OtherApplications] = mapped_column(text_enum(OtherApplications))
    draft_grace_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    reserve_list_months: Mapped[int] = mapped_column(server_default=text("6"))
    drafts_kept_days: Mapped[int] = mapped_column(server_default=text("30"))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
