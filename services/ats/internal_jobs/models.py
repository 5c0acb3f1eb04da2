from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class InternalJob(Base):
    """The facts of one internal advert while it is out; its id is the vacancy's.

    Row-level security opens it to its employer and to the `readers`, all others being told that there is none.
    """

    __tablename__ = "internal_jobs"
    __table_args__ = (Index(None, "published_at", "id"),)

    employer_id: Mapped[UUID]
    readers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    advert: Mapped[dict[str, Any]]
    version: Mapped[int]
    published_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True)
