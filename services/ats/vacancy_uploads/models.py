from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base


class Upload(Base):
    """One file of one employer. Its id is the sender's, so that a sender who lost the answer can go on."""

    __tablename__ = "vacancy_uploads"

    employer_id: Mapped[UUID]
    started_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class UploadBatch(Base):
    """What became of some rows that came one after another: written with their changes, so it never says too much.

    `digest` is of the rows as they were sent, with the header of a CSV: the same ones under the same upload are not
    done again.
    """

    __tablename__ = "vacancy_upload_batches"
    __table_args__ = (PrimaryKeyConstraint("upload_id", "batch_no"),)

    employer_id: Mapped[UUID]
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancy_uploads.id"))
    batch_no: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    results: Mapped[list[Any]]
